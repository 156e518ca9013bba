namespace Damon.Engine.KernelDamon;

/// <summary>Whether a kdamond runs.</summary>
/// <param name="IsOn">Whether it does.</param>
/// <param name="Pid">Its thread; -1 where it does not run.</param>
public readonly record struct KdamondState(bool IsOn, int Pid);

namespace Damon.Testing.KernelDamon;

/// <summary>A target of a case.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Start">First address of its one range.</param>
/// <param name="End">First address behind; 0 for a target without ranges.</param>
public readonly record struct DamonTreeTarget(int Pid, ulong Start = 0, ulong End = 0);

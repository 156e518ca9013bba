namespace Damon.NodeAgent.Standalone;

/// <summary>A process that is not looked at, and why.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Reason">For people.</param>
public readonly record struct RejectedTarget(int Pid, string Reason);

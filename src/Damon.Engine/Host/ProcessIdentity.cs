namespace Damon.Engine.Host;

/// <summary>A process that cannot be taken for a later one with the same pid.</summary>
/// <param name="Pid">The process id as seen from here.</param>
/// <param name="StartTimeTicks">When it started, in clock ticks after boot.</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTimeTicks);

using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>A process that the kernel senses now.</summary>
/// <param name="Process">Which one.</param>
/// <param name="Group">As it was asked for.</param>
/// <param name="Generation">Another number for the same process says that it runs another program: what was known of its memory is worth nothing.</param>
/// <param name="Regions">Those that match the query, ascending, with final counts; null where they were not read in this round.</param>
public sealed record SensedTarget(ProcessIdentity Process, string Group, int Generation, IReadOnlyList<Region>? Regions);

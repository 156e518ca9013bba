using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>What a control group (v2) says of its memory, that of all groups below included. Each figure is a value or the reason why there is none: a kernel may lack any one of them.</summary>
/// <param name="CurrentBytes">memory.current.</param>
/// <param name="MinBytes">memory.min; <see cref="CgroupValue.Max"/> where all is protected.</param>
/// <param name="LowBytes">memory.low, likewise.</param>
/// <param name="SwapCurrentBytes">memory.swap.current.</param>
/// <param name="OomKills">oom_kill of memory.events: processes killed since the group exists.</param>
/// <param name="Stat">memory.stat, the counts of refaults among it.</param>
/// <param name="MemoryPressure">memory.pressure.</param>
/// <param name="IoPressure">io.pressure.</param>
internal readonly record struct CgroupFigures(
    HostResult<ulong> CurrentBytes,
    HostResult<ulong> MinBytes,
    HostResult<ulong> LowBytes,
    HostResult<ulong> SwapCurrentBytes,
    HostResult<ulong> OomKills,
    HostResult<CgroupMemoryStat> Stat,
    HostResult<Pressure> MemoryPressure,
    HostResult<Pressure> IoPressure);

using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>What the kernel says of a container with one workload in it, by three files that count apart from each other.</summary>
/// <param name="AnonBytes">Anonymous memory, of <c>memory.stat</c>.</param>
/// <param name="SwapBytes">Of <c>memory.swap.current</c>.</param>
/// <param name="ProcessSwapBytes">Of the process's <c>smaps_rollup</c>.</param>
/// <param name="ProcessRssBytes">The process's memory, with that of files, of the same file.</param>
internal readonly record struct ContainerFigures(ulong AnonBytes, ulong SwapBytes, ulong ProcessSwapBytes, ulong ProcessRssBytes)
{
    public static ContainerFigures Of(LabContext context, RunningWorkload workload)
    {
        var process = context.SmapsRollup(workload.Id);
        return new ContainerFigures(context.MemoryStat(workload.Group).AnonBytes, context.SwapBytes(workload.Group), process.SwapBytes, process.RssBytes);
    }
}

using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Programs;

/// <summary>
/// The workload accesses what it says, seen by an oracle of the kernel's own: clear the accessed bits of a process, let it run, and ask smaps what was
/// accessed since. Every test of a monitor rests on this one.
/// </summary>
internal static class WorkloadTests
{
    private const ulong MiB = 1 << 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Referenced_memory_is_the_hot_region), LabSet.Smoke, Referenced_memory_is_the_hot_region),
        new(nameof(Referenced_memory_is_the_hot_stretches_within_one_mapping), LabSet.Smoke, Referenced_memory_is_the_hot_stretches_within_one_mapping),
        new(nameof(Memory_is_charged_to_the_container_it_was_started_in), LabSet.Smoke, Memory_is_charged_to_the_container_it_was_started_in),
    ];

    private static async Task Referenced_memory_is_the_hot_region(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", LabContext.Containers[0]);
        Expect.Equal("hot MiB", 32UL, workload.HotBytes / MiB);
        Expect.Equal("cold MiB", 96UL, workload.ColdBytes / MiB);

        await ClearAndAccess(context, workload, () => context.Smaps(workload, hot: true).ReferencedBytes);

        var hot = context.Smaps(workload, hot: true);
        var cold = context.Smaps(workload, hot: false);
        Expect.Near("accessed bytes of the hot region", workload.HotBytes, hot.ReferencedBytes, 0.05);
        Expect.Between("accessed bytes of the cold region", 0UL, workload.HotBytes / 20, cold.ReferencedBytes);
        Expect.Equal("bytes of both in memory", workload.HotBytes + workload.ColdBytes, hot.RssBytes + cold.RssBytes);
    }

    private static async Task Referenced_memory_is_the_hot_stretches_within_one_mapping(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-scattered", LabContext.Containers[0], "--layout", "adjacent");
        var (start, end) = (workload.Regions[0].Start, workload.Regions[^1].End);
        Expect.Equal("hot MiB", 32UL, workload.HotBytes / MiB);
        Expect.Equal("MiB of the one mapping", 128UL, (end - start) / MiB);

        await ClearAndAccess(context, workload, () => context.Smaps(workload.Id, start, end).ReferencedBytes);

        Expect.Near("accessed bytes of the mapping", workload.HotBytes, context.Smaps(workload.Id, start, end).ReferencedBytes, 0.05);
    }

    private static async Task Memory_is_charged_to_the_container_it_was_started_in(LabContext context)
    {
        var (container, neighbour) = (LabContext.Containers[2], LabContext.Containers[3]);
        var workload = await context.StartWorkloadAsync("lab-hotcold", container);

        var regionBytes = workload.HotBytes + workload.ColdBytes;
        Expect.Between("anonymous bytes of its container", regionBytes, regionBytes + (16 * MiB), context.MemoryStat(container).AnonBytes);
        Expect.Equal("anonymous bytes of the neighbour", 0UL, context.MemoryStat(neighbour).AnonBytes);
        var nodes = context.NodeBytes(workload.Id);
        Expect.Between("bytes on all nodes", regionBytes, regionBytes + (32 * MiB), nodes.Values.Aggregate(0UL, (sum, bytes) => sum + bytes));

        await workload.KillAsync();
        await context.UntilAsync("the container is empty", Soon, () => context.MemoryStat(container).AnonBytes, bytes => bytes == 0);
    }

    /// <summary>After it the bits of all hot pages had the time to be set, and those of cold ones that should not be as well.</summary>
    private static async Task ClearAndAccess(LabContext context, RunningWorkload workload, Func<ulong> referencedBytes)
    {
        context.Write($"/proc/{workload.Id}/clear_refs", "1");
        await context.UntilAsync("the hot memory was accessed", Soon, referencedBytes, bytes => bytes >= workload.HotBytes / 100 * 95);
        for (var report = 0; report < 4; report++)
            await workload.NextReportAsync(context.Cancellation);
    }
}

using Damon.Engine.Schemes;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>
/// What the kernel does by itself beside page-out: it moves pages, sorts them, and advises huge pages, each within its bounds. Of physical memory it need not reach all: after a while the pages of a process lie
/// in pieces, and those smaller than a region of this machine's memory (2 MiB) look as warm as what is around them. What it must not touch, it must not touch at all.
/// </summary>
internal static class KernelActionTests
{
    private const ulong MiB = 1 << 20;
    private const int Fast = 0;
    private const int Slow = 1;
    private const string Khugepaged = "/sys/kernel/mm/transparent_hugepage/khugepaged";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(100);
    private static readonly AccessPattern Cold = new() { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) };
    private static readonly AccessPattern Hot = new() { MinRate = AccessRate.FromPercent(30), MinAge = TimeSpan.FromSeconds(1) };
    private static readonly AccessPattern Everything = new();
    private static readonly SchemeQuota Ample = new() { SizeBytes = 64 * MiB };

    public static IReadOnlyList<LabTest> All { get; } =
    [
        Test(nameof(The_kernel_moves_cold_pages_of_its_groups_to_the_slow_node_and_hot_ones_back), The_kernel_moves_cold_pages_of_its_groups_to_the_slow_node_and_hot_ones_back),
        Test(nameof(The_kernel_sorts_hot_pages_of_its_groups_up_and_all_down_again), The_kernel_sorts_hot_pages_of_its_groups_up_and_all_down_again),
        Test(nameof(The_kernel_advises_huge_pages_for_hot_memory_and_for_no_other), The_kernel_advises_huge_pages_for_hot_memory_and_for_no_other),
    ];

    /// <summary>Frees the kernel's DAMON, and puts together what tests before have left in pieces: a process that starts now gets memory that lies together.</summary>
    private static void Prepare(LabContext context)
    {
        context.FreeDamon();
        context.Write("/proc/sys/vm/compact_memory", "1");
    }

    private static async Task The_kernel_moves_cold_pages_of_its_groups_to_the_slow_node_and_hot_ones_back(LabContext context)
    {
        Prepare(context);
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2], "--scale", "0.5");

        using (var cold = EnforcedScheme.OnNode(context, Moves(SchemeAction.MigrateCold, Cold, Slow), context.Pods[0]))
        {
            await cold.UntilAsync("half of the cold region is on the slow node", Soon, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= workload.ColdBytes / 2);
            GuestConsole.Note(cold.Describe());
            Expect.Between("bytes of the hot region on the slow node", 0UL, workload.HotBytes / 10, workload.BytesOn(context, hot: true, Slow));
        }

        using (var all = EnforcedScheme.OnNode(context, Moves(SchemeAction.MigrateCold, Everything, Slow), context.Pods[0]))
            await all.UntilAsync("all is on the slow node", Soon, () => workload.BytesOn(context, hot: true, Slow), bytes => bytes >= workload.HotBytes / 100 * 95);

        using (var hot = EnforcedScheme.OnNode(context, Moves(SchemeAction.MigrateHot, Hot, Fast), context.Pods[0]))
        {
            await hot.UntilAsync("half of the hot region is on the fast node", Soon, () => workload.BytesOn(context, hot: true, Fast), bytes => bytes >= workload.HotBytes / 2);
            GuestConsole.Note(hot.Describe());
        }

        Expect.Between("bytes of the cold region on the slow node", workload.ColdBytes / 10 * 8, workload.ColdBytes, workload.BytesOn(context, hot: false, Slow));
        Expect.Equal("bytes of the neighbour on the slow node", 0UL, neighbour.BytesOn(context, hot: true, Slow) + neighbour.BytesOn(context, hot: false, Slow));
    }

    private static async Task The_kernel_sorts_hot_pages_of_its_groups_up_and_all_down_again(LabContext context)
    {
        Prepare(context);
        NodeKernels.UseTwoLists(context);
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2], "--scale", "0.5");
        var neighbourBefore = Active(context, neighbour);
        Expect.Between("active bytes before", 0UL, workload.HotBytes / 4, Active(context, workload));

        using (var hot = EnforcedScheme.OnNode(context, Sorts(SchemeAction.LruPrio, Hot), context.Pods[0]))
        {
            await hot.UntilAsync("half of the hot memory is active", Soon, () => Active(context, workload), bytes => bytes >= workload.HotBytes / 2);
            GuestConsole.Note(hot.Describe());
        }

        Expect.Between("active bytes", workload.HotBytes / 2, workload.HotBytes + (workload.ColdBytes / 4), Active(context, workload));
        Expect.Between("active bytes of the neighbour", 0UL, neighbourBefore + MiB, Active(context, neighbour));

        using (var all = EnforcedScheme.OnNode(context, Sorts(SchemeAction.LruDeprio, Everything), context.Pods[0]))
        {
            await all.UntilAsync("nearly nothing is active", Soon, () => Active(context, workload), bytes => bytes <= workload.HotBytes / 20);
            GuestConsole.Note(all.Describe());
        }
    }

    private static async Task The_kernel_advises_huge_pages_for_hot_memory_and_for_no_other(LabContext context)
    {
        Prepare(context);

        // Advice makes memory eligible; a thread of the kernel makes the huge pages, by default a few of them every ten seconds.
        context.Set($"{Khugepaged}/scan_sleep_millisecs", "100");
        context.Set($"{Khugepaged}/pages_to_scan", "65536");
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[1], "--scale", "0.25");

        using (var hot = EnforcedScheme.OnProcess(context, new SchemeDescription("huge", SchemeAction.HugePage, Hot) { Quota = Ample }, workload.Id, workload.Group))
        {
            // Its ends need not lie on the borders of huge pages.
            await hot.UntilAsync("the hot memory is in huge pages", Soon, () => context.Smaps(workload, hot: true).AnonHugePagesBytes, bytes => bytes >= workload.HotBytes - (4 * MiB));
            GuestConsole.Note(hot.Describe());
        }

        Expect.Between("huge pages of the cold region", 0UL, 4 * MiB, context.Smaps(workload, hot: false).AnonHugePagesBytes);
        Expect.Equal("huge pages of the neighbour", 0UL, context.SmapsRollup(neighbour.Id).AnonHugePagesBytes);
    }

    private static LabTest Test(string name, Func<LabContext, Task> run) => new(name, LabSet.Full, run) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(6) };

    private static SchemeDescription Moves(SchemeAction action, AccessPattern pattern, int node) => new("move", action, pattern) { Quota = Ample, Destinations = [new MigrationDestination(node)] };

    private static SchemeDescription Sorts(SchemeAction action, AccessPattern pattern) => new("sort", action, pattern) { Quota = Ample };

    private static ulong Active(LabContext context, RunningWorkload workload) => context.MemoryStat(workload.Group).ActiveAnonBytes;
}

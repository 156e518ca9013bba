using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>The kernel pages out by itself, behind leases, what a scheme of a node is given: only that, and as much as is told.</summary>
internal static class NodePageoutTests
{
    private const ulong MiB = 1 << 20;
    private const string Cold = "pattern: {accessRate: {max: \"0%\"}, age: {min: 2s}}";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    /// <summary>On a slow machine paging out is itself pressure, which its rail ends only after two minutes of calm, for half of the budget.</summary>
    private static readonly TimeSpan WithAHold = TimeSpan.FromMinutes(5);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(The_cold_memory_of_one_pod_is_paged_out_and_nothing_else), LabSet.Smoke, The_cold_memory_of_one_pod_is_paged_out_and_nothing_else) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(8) },
        new(nameof(The_bytes_told_are_the_bytes_gone_after_a_minute), LabSet.Full, The_bytes_told_are_the_bytes_gone_after_a_minute) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(4) },
        new(nameof(A_kernel_that_cannot_end_a_scheme_by_itself_is_not_asked_to_act), LabSet.Smoke, A_kernel_that_cannot_end_a_scheme_by_itself_is_not_asked_to_act) { SkipReason = NodeKernels.ThatCanAct },
        new(nameof(What_is_observed_is_counted_and_left_alone), LabSet.Full, What_is_observed_is_counted_and_left_alone),
        new(nameof(Above_its_high_mark_nothing_is_done), LabSet.Full, Above_its_high_mark_nothing_is_done) { SkipReason = NodeKernels.ThatCannotAct },
        new(nameof(Pages_are_sorted_only_within_the_filter), LabSet.Full, Pages_are_sorted_only_within_the_filter) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(3) },
        new(nameof(A_group_that_vanishes_holds_up_no_other), LabSet.Full, A_group_that_vanishes_holds_up_no_other) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(4) },
    ];

    private static async Task The_cold_memory_of_one_pod_is_paged_out_and_nothing_else(LabContext context)
    {
        var module = NodeKernels.DamonStat(context);
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2]);
        var agent = await NodeAgent.StartAsync(context, NodeAgent.Scheme("Pageout", Cold, "quota: {size: 16Mi}"), [context.Pods[0]]);

        await agent.UntilAsync("a quarter of the cold memory is in swap", WithAHold, () => context.SwapBytes(workload.Group), bytes => bytes >= workload.ColdBytes / 4);
        var ended = await agent.EndAsync();

        Expect.Equal($"how the run ended, which wrote '{ended.Errors}'", "Interrupted", agent.Last.Ended);
        ExpectOnlyColdIsGone(context, workload, neighbour);
        ExpectToldIsGone(context, workload, agent.Last);
        var reports = agent.Reports;
        Expect.Between("the most bytes acted on between two rounds", 1UL, 16 * MiB, reports.Zip(reports.Skip(1), (before, after) => after.KernelSaysBytes - before.KernelSaysBytes).Max());
        ExpectNothingIsLeft(context, module);
    }

    private static async Task The_bytes_told_are_the_bytes_gone_after_a_minute(LabContext context)
    {
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2]);
        var agent = await NodeAgent.StartAsync(context, NodeAgent.Scheme("Pageout", Cold, "quota: {size: 16Mi}"), [context.Pods[0]], "--duration", "60s");

        await agent.EndedAsync();

        Expect.Equal("how the run ended", "Duration", agent.Last.Ended);
        ExpectOnlyColdIsGone(context, workload, neighbour);
        ExpectToldIsGone(context, workload, agent.Last);
        // How much of it goes in a minute is the emulated machine's speed of reclaim, and says nothing: but enough that the figures compared are more than their own errors.
        Expect.Between("cold bytes in swap", 16 * MiB, workload.ColdBytes, context.Smaps(workload, hot: false).SwapBytes);
    }

    private static async Task A_kernel_that_cannot_end_a_scheme_by_itself_is_not_asked_to_act(LabContext context)
    {
        var agent = await NodeAgent.StartAsync(context, NodeAgent.Scheme("Pageout", Cold, "quota: {size: 16Mi}"), [context.Containers[0]]);

        var ended = await agent.EndedAsync();

        Expect.Equal("exit code", 3, ended.ExitCode);
        Expect.True($"the reason is told in '{ended.Errors}'", ended.Errors.Contains("NoLease", StringComparison.Ordinal));
        Expect.Equal("kdamonds", "0", context.Read(NodeKernels.Kdamonds));
    }

    private static async Task What_is_observed_is_counted_and_left_alone(LabContext context)
    {
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var agent = await NodeAgent.StartAsync(context, NodeAgent.Scheme("Pageout", Cold, "quota: {size: 16Mi}"), [context.Containers[0]], "--mode", "Observe");

        await agent.UntilAsync("memory matches", Soon, report => report.MatchedNowBytes > 0);
        await agent.EndAsync();

        Expect.Equal("why it is not carried out", "Observed", agent.Last.Reason);
        Expect.Equal("bytes of its regions in swap", 0UL, workload.SwapBytes(context));
        Expect.Equal("kdamonds", "0", context.Read(NodeKernels.Kdamonds));
    }

    private static async Task A_group_that_vanishes_holds_up_no_other(LabContext context)
    {
        var passing = context.CreateGroup("passing");
        var first = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var second = await context.StartWorkloadAsync("lab-hot", passing);
        var agent = await NodeAgent.StartAsync(context, NodeAgent.Scheme("Pageout", Cold, "quota: {size: 16Mi}"), [context.Pods[0], passing]);
        await agent.UntilAsync("both groups are filtered for", Soon, report => report.Cgroups >= 2 && report.Grants > 2);

        await second.KillAsync();
        await context.UntilAsync("the group has no process", Soon, () => context.Read($"{passing}/cgroup.procs"), processes => processes.Length == 0);
        GuestFiles.RemoveGroup(context.Host, passing);
        var before = (Swapped: context.SwapBytes(first.Group), agent.Last.Grants);

        await agent.UntilAsync("the group is not filtered for any more", Soon, report => !context.Host.Exists(passing) && report.Grants > before.Grants + 2);
        await agent.UntilAsync("more of the other group is in swap", Soon, () => context.SwapBytes(first.Group), bytes => bytes > before.Swapped && bytes >= first.ColdBytes / 3);
        await agent.EndAsync();
        Expect.Equal("restarts of the kdamond", 0UL, agent.Last.Restarts);
    }

    private static async Task Above_its_high_mark_nothing_is_done(LabContext context)
    {
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var agent = await NodeAgent.StartAsync(
            context, NodeAgent.Scheme("Pageout", Cold, "quota: {size: 16Mi}", "watermarks: {metric: AvailableMemory, interval: 1s, high: \"2%\", mid: \"1%\", low: \"0%\"}"), [context.Pods[0]]);

        await agent.UntilAsync("twelve rounds", Soon, () => agent.Reports.Count, rounds => rounds >= 12);
        await agent.EndAsync();

        Expect.True($"it is held by its watermark, not '{agent.Last.HeldBy}'", agent.Last.HeldBy.Contains("high mark", StringComparison.Ordinal));
        Expect.Equal("bytes of its regions in swap", 0UL, workload.SwapBytes(context));
    }

    private static async Task Pages_are_sorted_only_within_the_filter(LabContext context)
    {
        NodeKernels.UseTwoLists(context);
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2]);
        var (before, neighbourBefore) = (context.MemoryStat(workload.Group).ActiveAnonBytes, context.MemoryStat(neighbour.Group).ActiveAnonBytes);
        var agent = await NodeAgent.StartAsync(context, NodeAgent.Scheme("LruPrio", "pattern: {accessRate: {min: \"5%\"}, age: {min: 1s}}", "quota: {size: 64Mi}"), [context.Pods[0]]);

        await agent.UntilAsync("half of the hot memory was sorted up", Soon, () => context.MemoryStat(workload.Group).ActiveAnonBytes, bytes => bytes >= before + (workload.HotBytes / 2));
        var ended = await agent.EndAsync();

        Expect.True($"the run was told to end and did: '{ended.Errors}'", agent.Last.Ended == "Interrupted");
        Expect.Between("bytes sorted, as the kernel says", workload.HotBytes / 2, ulong.MaxValue, agent.Last.KernelSaysBytes);
        Expect.Between("active bytes of the neighbour", 0UL, neighbourBefore + MiB, context.MemoryStat(neighbour.Group).ActiveAnonBytes);
    }

    private static void ExpectNothingIsLeft(LabContext context, string module)
    {
        Expect.Equal("kdamonds", "0", context.Read(NodeKernels.Kdamonds));
        Expect.True("there is no record of an owner", !context.Host.Exists("/run/damon/owner.json"));
        Expect.Equal("the module damon_stat is as it was", module, NodeKernels.DamonStat(context));
    }

    private static void ExpectOnlyColdIsGone(LabContext context, RunningWorkload workload, RunningWorkload neighbour)
    {
        Expect.Between("hot bytes in swap", 0UL, workload.HotBytes / 20, context.Smaps(workload, hot: true).SwapBytes);
        Expect.Equal("bytes of the neighbour in swap", 0UL, context.SwapBytes(neighbour.Group));
        Expect.Equal("bytes of the neighbour's mappings in swap", 0UL, context.Smaps(neighbour, hot: true).SwapBytes + context.Smaps(neighbour, hot: false).SwapBytes);
    }

    /// <summary>Three witnesses: the group's swap, what its memory lacks, and the mappings of its process.</summary>
    private static void ExpectToldIsGone(LabContext context, RunningWorkload workload, NodeReport report)
    {
        var regionBytes = workload.HotBytes + workload.ColdBytes;
        var swapped = context.Smaps(workload, hot: true).SwapBytes + context.Smaps(workload, hot: false).SwapBytes;
        var rss = context.Smaps(workload, hot: true).RssBytes + context.Smaps(workload, hot: false).RssBytes;
        GuestConsole.Output.WriteLine($"told {report.EffectBytes / 1024} KiB; by the kernel {report.KernelSaysBytes / 1024}, swap {context.SwapBytes(workload.Group) / 1024}, mappings {swapped / 1024}, not in memory {(regionBytes - rss) / 1024}; tried {report.TriedBytes / 1024} in {report.Grants} passes");
        Expect.Near("bytes told, by the group's swap", context.SwapBytes(workload.Group), report.EffectBytes, 0.05);
        Expect.Near("bytes told, by its process's mappings in swap", swapped, report.EffectBytes, 0.05);
        Expect.Near("bytes told, by what its regions lack", regionBytes - rss, report.EffectBytes, 0.05);
    }
}

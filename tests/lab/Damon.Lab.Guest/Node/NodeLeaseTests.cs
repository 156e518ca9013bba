using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>The dead-man law on a real kernel: what a killed agent left ends by itself, and the same without a lease does not.</summary>
internal static class NodeLeaseTests
{
    private const ulong MiB = 1 << 20;
    private const ulong BudgetBytes = 4 * MiB;
    private const string Root = "/sys/fs/cgroup";
    private const string Kdamond = "/sys/kernel/mm/damon/admin/kdamonds/0";
    private static readonly string Scheme = NodeAgent.Scheme("Pageout", "pattern: {accessRate: {max: \"0%\"}, age: {min: 1s}}", "quota: {size: 4Mi}");
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    /// <summary>Long enough for three budgets and more, were there any.</summary>
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(What_a_killed_agent_left_ends_by_itself_and_the_next_one_cleans_up), LabSet.Smoke, What_a_killed_agent_left_ends_by_itself_and_the_next_one_cleans_up) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(4) },
        new(nameof(The_same_scheme_without_a_lease_goes_on), LabSet.Full, The_same_scheme_without_a_lease_goes_on) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(4) },
    ];

    private static async Task What_a_killed_agent_left_ends_by_itself_and_the_next_one_cleans_up(LabContext context)
    {
        var module = NodeKernels.DamonStat(context);
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var agent = await NodeAgent.StartAsync(context, Scheme, [context.Pods[0]]);
        await agent.UntilAsync("it has paged out", Soon, () => context.SwapBytes(workload.Group), bytes => bytes >= 2 * BudgetBytes);

        await agent.KillAsync();
        var killed = context.SwapBytes(workload.Group);
        await Task.Delay(KernelLease.Term, context.Time, context.Cancellation);
        var (swapped, applied) = (context.SwapBytes(workload.Group), AppliedBytes(context));
        await Task.Delay(AWhile, context.Time, context.Cancellation);

        Expect.Equal("the kdamond that it left", "on", context.Read($"{Kdamond}/state"));
        Expect.Equal("bytes in swap after the term", swapped, context.SwapBytes(workload.Group));
        Expect.Equal("bytes that the kernel says it acted on after the term", applied, AppliedBytes(context));
        Expect.Between("bytes in swap since the death", 0UL, BudgetBytes, swapped - Math.Min(swapped, killed));
        Expect.True("there is cold memory left to act on", context.Smaps(workload, hot: false).RssBytes > 4 * BudgetBytes);

        var next = await NodeAgent.StartAsync(context, Scheme, [context.Pods[0]]);
        await next.UntilAsync("the next one pages out", Soon, () => context.SwapBytes(workload.Group), bytes => bytes >= swapped + BudgetBytes);
        var ended = await next.EndAsync("INT");
        Expect.Equal($"how it ended, which wrote '{ended.Errors}'", "Interrupted", next.Last.Ended);
        Expect.Equal("kdamonds", "0", context.Read(NodeKernels.Kdamonds));
        Expect.Equal("the module damon_stat is as before both", module, NodeKernels.DamonStat(context));
    }

    private static async Task The_same_scheme_without_a_lease_goes_on(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var pool = new KdamondPool(
            new HostDamonTree(context.Host), new HostKernelSubjects(context.Host, CgroupLayout.Detect(context.Host)), context.Time, new RandomSource(1), new KernelPatience());
        Expect.True("the kdamond is made", pool.Open(1).IsDone);
        Expect.True("physical memory is read", new NodeScope(context.Host, [context.Pods[0][Root.Length..]], MiB, 4096).Read().TryGet(out var scope));
        var description = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(1) })
        {
            Mode = SchemeMode.Enforce,
            Quota = new SchemeQuota { SizeBytes = MiB, FailedChargeNumerator = 1, FailedChargeDenominator = KernelLease.LooksPerCharge },
        };
        var scheme = KernelSchemeCompiler.Compile(description, KernelOperations.Paddr, MonitoringIntervals.Default, pool.Kdamonds[0].Features, scope, nodeTargetsAllowed: true).Scheme!;
        var started = pool.Kdamonds[0].Start(new KernelContext(KernelOperations.Paddr, MonitoringIntervals.Default, RegionLimits.Default, scope.Targets, [scheme with { Quota = description.Quota }]));
        Expect.True($"it is started: {started.Message}", started.IsDone);

        await context.UntilAsync("it has paged out", Soon, () => context.SwapBytes(workload.Group), bytes => bytes >= MiB);
        await Task.Delay(KernelLease.Term, context.Time, context.Cancellation);
        var swapped = context.SwapBytes(workload.Group);
        await Task.Delay(AWhile, context.Time, context.Cancellation);

        Expect.Between("bytes in swap after the term", swapped + 1, ulong.MaxValue, context.SwapBytes(workload.Group));
    }

    /// <summary>What the kernel counts, asked of the tree itself.</summary>
    private static ulong AppliedBytes(LabContext context)
    {
        context.Write($"{Kdamond}/state", "update_schemes_stats");
        return GuestFiles.Folders(context.Host, $"{Kdamond}/contexts/0/schemes", "*").Aggregate(0UL, (sum, scheme) => sum + ulong.Parse(context.Read($"{scheme}/stats/sz_applied")));
    }
}

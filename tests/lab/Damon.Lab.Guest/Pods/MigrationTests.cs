using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>Pages that the engine moves between the two memory nodes: the right ones move, the others stay, a filter holds.</summary>
internal static class MigrationTests
{
    private const int Fast = 0;
    private const int Slow = 1;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly AccessPattern Cold = new() { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) };
    private static readonly AccessPattern Hot = new() { MinRate = AccessRate.FromPercent(10), MinAge = TimeSpan.FromSeconds(1) };
    private static readonly AccessPattern Everything = new();

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Cold_pages_move_to_the_slow_node_and_hot_ones_back), LabSet.Full, Cold_pages_move_to_the_slow_node_and_hot_ones_back),
        new(nameof(Pages_that_a_filter_holds_back_stay_on_their_node), LabSet.Full, Pages_that_a_filter_holds_back_stay_on_their_node),
    ];

    private static async Task Cold_pages_move_to_the_slow_node_and_hot_ones_back(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        Expect.Equal("bytes on the fast node", workload.HotBytes + workload.ColdBytes, workload.BytesOn(context, hot: true, Fast) + workload.BytesOn(context, hot: false, Fast));

        using (var cold = new SensedSession(context, workload, Plan(SchemeAction.MigrateCold, Cold, Slow)))
        {
            await cold.UntilAsync("the cold region is on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= workload.ColdBytes / 100 * 99);
            GuestConsole.Note($"cold moved: {Show(context, workload)}; {cold.Describe()}");
        }

        Expect.Equal("bytes of the hot region on the fast node", workload.HotBytes, workload.BytesOn(context, hot: true, Fast));

        using (var all = new SensedSession(context, workload, Plan(SchemeAction.MigrateCold, Everything, Slow)))
            await all.UntilAsync("all is on the slow node", Minute, () => workload.BytesOn(context, hot: true, Slow), bytes => bytes >= workload.HotBytes / 100 * 99);

        using (var hot = new SensedSession(context, workload, Plan(SchemeAction.MigrateHot, Hot, Fast)))
        {
            await hot.UntilAsync("the hot region is on the fast node", Minute, () => workload.BytesOn(context, hot: true, Fast), bytes => bytes >= workload.HotBytes / 100 * 99);
            GuestConsole.Note($"hot moved back: {Show(context, workload)}; {hot.Describe()}");
        }

        Expect.Between("bytes of the cold region on the slow node", workload.ColdBytes / 100 * 95, workload.ColdBytes, workload.BytesOn(context, hot: false, Slow));
    }

    private static async Task Pages_that_a_filter_holds_back_stay_on_their_node(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        var coldRegion = workload.Regions.Single(region => !region.IsHot);
        var half = coldRegion.Start + (coldRegion.SizeBytes / 2);

        using (var anonymous = new SensedSession(context, workload, Plan(SchemeAction.MigrateCold, Everything, Slow, new SchemeFilter(SchemeFilterType.Anonymous, Matching: true, Allow: false))))
        {
            await anonymous.UntilAsync("anonymous pages are held back", Minute, () => anonymous.Session.Schemes[0].Statistics.FilteredBytes, bytes => bytes >= workload.ColdBytes);
            GuestConsole.Note($"anonymous held back: {Show(context, workload)}; {anonymous.Describe()}");
        }

        Expect.Equal("bytes on the slow node with anonymous pages held back", 0UL, workload.BytesOn(context, hot: true, Slow) + workload.BytesOn(context, hot: false, Slow));

        var first = new SchemeFilter(SchemeFilterType.Address, Matching: true, Allow: true) { StartAddress = coldRegion.Start, EndAddress = half };
        using (var addresses = new SensedSession(context, workload, Plan(SchemeAction.MigrateCold, Everything, Slow, first)))
        {
            await addresses.UntilAsync("the addresses that are let through are on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= coldRegion.SizeBytes / 2);
            await addresses.RunAsync(TimeSpan.FromSeconds(2));
            GuestConsole.Note($"addresses let through: {Show(context, workload)}; {addresses.Describe()}");
        }

        Expect.Equal("bytes on the slow node with half of the cold region let through", (coldRegion.SizeBytes / 2, 0UL), (workload.BytesOn(context, hot: false, Slow), workload.BytesOn(context, hot: true, Slow)));

        // Who can judge it, moves all but what was accessed just now; who cannot, moves nothing and says why.
        using (var young = new SensedSession(context, workload, Plan(SchemeAction.MigrateCold, Everything, Slow, new SchemeFilter(SchemeFilterType.Young, Matching: true, Allow: false))))
        {
            if (context.Machine.Facts.HasIdlePageBitmap)
            {
                await young.UntilAsync("all that is old is on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= workload.ColdBytes / 100 * 99);
                GuestConsole.Note($"young held back: {Show(context, workload)}; {young.Describe()}");
                Expect.Between("bytes of the hot region on the slow node", 0UL, workload.HotBytes / 10, workload.BytesOn(context, hot: true, Slow));
            }
            else
            {
                await young.UntilAsync("the filter is named", Minute, () => young.Session.Schemes[0].Statistics.LastFailure, failure => failure.Contains("Young", StringComparison.OrdinalIgnoreCase));
                Expect.Equal("bytes on the slow node with a filter that cannot be judged", (coldRegion.SizeBytes / 2, 0UL), (workload.BytesOn(context, hot: false, Slow), workload.BytesOn(context, hot: true, Slow)));
            }
        }
    }

    private static MonitoringPlan Plan(SchemeAction action, AccessPattern pattern, int node, params IReadOnlyList<SchemeFilter> filters) => new(
        new MonitoringIntervals(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(1)),
        RegionLimits.Default,
        [
            new SchemeDescription("move", action, pattern)
            {
                Mode = SchemeMode.Enforce,
                ApplyInterval = TimeSpan.FromSeconds(1),
                Destinations = [new MigrationDestination(node)],
                Filters = filters,
            },
        ]);

    private static string Show(LabContext context, RunningWorkload workload) =>
        $"hot {workload.BytesOn(context, hot: true, Fast)} fast and {workload.BytesOn(context, hot: true, Slow)} slow, cold {workload.BytesOn(context, hot: false, Fast)} fast and {workload.BytesOn(context, hot: false, Slow)} slow";
}

using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class MigrationDestinationTests
{
    private static readonly MigrationDestination[] TooMany = [.. Enumerable.Range(0, 17).Select(node => new MigrationDestination(node))];

    public static TheoryData<SchemeAction, MigrationDestination[], string> Wrong => new()
    {
        { SchemeAction.MigrateHot, [], "schemes[s].destinations: are missing" },
        { SchemeAction.MigrateCold, [], "schemes[s].destinations: are missing" },
        { SchemeAction.Pageout, [new(0)], "schemes[s].destinations: has 1 items; Pageout moves nothing" },
        { SchemeAction.Stat, TooMany, "schemes[s].destinations: has 17 items" },
        { SchemeAction.MigrateHot, TooMany, "schemes[s].destinations: has 17 items; write at most 16" },
        { SchemeAction.MigrateHot, [new(-1)], "schemes[s].destinations[0].node: is -1" },
        { SchemeAction.MigrateHot, [new(0), new(1024)], "schemes[s].destinations[1].node: is 1024" },
        { SchemeAction.MigrateHot, [new(int.MinValue, int.MinValue)], "schemes[s].destinations[0].node: is -2147483648" },
        { SchemeAction.MigrateHot, [new(3), new(4), new(3)], "schemes[s].destinations[2].node: 3 is a destination before it" },
        { SchemeAction.MigrateHot, [new(0, -1), new(1)], "schemes[s].destinations[0].weight: is -1" },
        { SchemeAction.MigrateHot, [new(0, 1_000_001)], "schemes[s].destinations[0].weight: is 1000001" },
        { SchemeAction.MigrateHot, [new(0, 0), new(1, 0)], "schemes[s].destinations: have weights that are all 0" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_a_destination_is_named(SchemeAction action, MigrationDestination[] destinations, string error) =>
        Check(new SchemeDescription("s", action, new()) { Destinations = destinations }).Should().StartWith(error);

    [Fact]
    public void A_missing_list_is_named() => Check(new SchemeDescription("s", SchemeAction.Cold, new()) { Destinations = null! }).Should().StartWith("schemes[s].destinations: are missing");

    [Fact]
    public void Up_to_16_nodes_with_any_weight_above_0_among_them_are_accepted()
    {
        Check(new SchemeDescription("s", SchemeAction.MigrateCold, new()) { Destinations = TooMany[..16] }).Should().BeEmpty();
        Check(new SchemeDescription("s", SchemeAction.MigrateHot, new()) { Destinations = [new(1023, 0), new(0, 1_000_000)] }).Should().BeEmpty();
    }

    [Fact]
    public void Reclaim_takes_no_page_filters()
    {
        var scheme = new SchemeDescription("s", SchemeAction.Reclaim, new()) { Filters = [new(SchemeFilterType.Anonymous, Matching: true, Allow: false)] };

        Check(scheme).Should().StartWith("schemes[s].filters: cannot hold for Reclaim");
        Check(scheme with { Action = SchemeAction.Pageout }).Should().BeEmpty();
    }

    private static string Check(SchemeDescription scheme) =>
        string.Join('\n', new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [scheme]).Check());
}

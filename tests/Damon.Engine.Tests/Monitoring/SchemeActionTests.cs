using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

/// <summary>Where actions differ from page-out: what actors are told, what counts as done, what an access means.</summary>
public class SchemeActionTests
{
    private const ulong Page = 4096;
    private const ulong Pages = 64;

    /// <summary>A cut shares a ledger out in whole bytes.</summary>
    private const ulong Rounding = 64;

    private static readonly MigrationDestination[] Slow = [new(1), new(2, 3)];

    [Theory]
    [InlineData(SchemeAction.MigrateCold)]
    [InlineData(SchemeAction.MigrateHot)]
    public void The_actor_is_told_where_pages_go(SchemeAction action)
    {
        var run = new Fixture(Scheme(action) with { Mode = SchemeMode.Enforce });
        run.Aggregations(2);

        run.Memory.Actions.Should().NotBeEmpty().And.OnlyContain(told => told.Kind == action && told.Destinations.SequenceEqual(Slow));
    }

    [Fact]
    public void Later_changes_of_the_given_list_change_nothing()
    {
        List<MigrationDestination> list = [new(1)];
        var run = new Fixture(Scheme(SchemeAction.MigrateCold) with { Mode = SchemeMode.Enforce, Destinations = list });
        list[0] = new(9);
        run.Aggregations(2);

        run.Memory.Actions.Should().OnlyContain(told => told.Destinations[0].Node == 1);
    }

    // accessed after the count: moved cold memory was a wrong guess, moved hot memory is meant to be accessed.
    [Theory]
    [InlineData(SchemeAction.MigrateCold, 1)]
    [InlineData(SchemeAction.MigrateHot, 0)]
    public void Away_is_what_was_moved_and_for_cold_memory_not_accessed_since(SchemeAction action, int refaultsAll)
    {
        var pattern = action == SchemeAction.MigrateHot ? new AccessPattern { MinRate = AccessRate.FromPercent(50) } : new AccessPattern { MaxRate = AccessRate.Never };
        var run = new Fixture(Scheme(action) with { Pattern = pattern });
        run.Memory.IsAccessed = _ => action == SchemeAction.MigrateHot;
        run.Aggregations(20);
        (run.Statistics.AppliedBytes, run.Statistics.AwayBytes, run.Statistics.RefaultBytes).Should().Be((Pages * Page, Pages * Page, 0UL), "each byte once");

        run.Memory.IsAccessed = _ => true;
        run.Aggregations(1);

        (run.Statistics.AwayBytes, run.Statistics.RefaultBytes).Should().Be(refaultsAll == 1 ? (0UL, Pages * Page) : (Pages * Page, 0UL));
        run.Session.Schemes[0].OutOfMemoryBytes.Should().Be(0, "it is in memory, on another node");
    }

    [Fact]
    public void Reclaim_asks_for_each_byte_once_until_it_is_accessed_again()
    {
        // Nothing of what was asked for leaves the ranges: the kernel took other pages.
        var run = new Fixture(Scheme(SchemeAction.Reclaim) with { Pattern = new() { MaxRate = AccessRate.Never }, Mode = SchemeMode.Enforce, Quota = new() { SizeBytes = 24 * Page, Interval = TimeSpan.FromMilliseconds(100) } });
        run.Aggregations(20);

        run.Memory.Actions.Should().OnlyContain(action => action.AmountBytes <= 24 * Page);
        run.Memory.Actions.Aggregate(0UL, (sum, action) => sum + action.AmountBytes).Should().BeCloseTo(Pages * Page, Rounding);
        run.Session.Schemes[0].OutOfMemoryBytes.Should().BeCloseTo(Pages * Page, Rounding);

        run.Memory.IsAccessed = _ => true;
        run.Aggregations(1);
        run.Memory.IsAccessed = _ => false;
        run.Aggregations(20);
        run.Memory.Actions.Aggregate(0UL, (sum, action) => sum + action.AmountBytes).Should().BeCloseTo(2 * Pages * Page, Rounding);
    }

    [Fact]
    public void Reclaim_keeps_to_the_floor()
    {
        var run = new Fixture(Scheme(SchemeAction.Reclaim) with { Mode = SchemeMode.Enforce }, floorPages: 40);
        run.Memory.Resident = Pages * Page;
        run.Aggregations(1);

        run.Memory.Actions.Should().ContainSingle().Which.AmountBytes.Should().Be((Pages - 40) * Page);
    }

    [Fact]
    public void Every_action_can_be_observed()
    {
        foreach (var action in Enum.GetValues<SchemeAction>())
        {
            var run = new Fixture(Scheme(action));
            run.Aggregations(3);

            run.Memory.Actions.Should().BeEmpty();
            run.Statistics.FailedCalls.Should().Be(0);
            (run.Statistics.MatchedNowBytes, run.Statistics.AdvisedBytes).Should().Be((Pages * Page, action == SchemeAction.Stat ? 0 : Pages * Page), $"{action}");
        }
    }

    [Theory]
    [InlineData(SchemeAction.HugePage)]
    [InlineData(SchemeAction.NoHugePage)]
    public void Advice_about_huge_pages_ranks_all_memory_alike(SchemeAction action)
    {
        RegionScore.For(action, 0, 20, TimeSpan.FromHours(1), 1, 1).Should().Be(RegionScore.Max);
        RegionScore.For(action, 20, 20, TimeSpan.Zero, 1, 1).Should().Be(RegionScore.Max);
    }

    [Theory]
    [InlineData(SchemeAction.LruPrio, true)]
    [InlineData(SchemeAction.MigrateHot, true)]
    [InlineData(SchemeAction.LruDeprio, false)]
    [InlineData(SchemeAction.MigrateCold, false)]
    [InlineData(SchemeAction.Reclaim, false)]
    public void Hot_or_cold_memory_comes_first_as_the_action_wants_it(SchemeAction action, bool hot)
    {
        var time = TimeSpan.FromSeconds(12);
        RegionScore.For(action, 15, 20, time, 3, 7).Should().Be(hot ? RegionScore.Hot(15, 20, time, 3, 7) : RegionScore.Cold(15, 20, time, 3, 7));
    }

    [Theory]
    [InlineData(SchemeMode.Enforce)]
    [InlineData(SchemeMode.Observe)]
    public void Simulated_tiering_moves_cold_memory_out_and_hot_memory_back(SchemeMode mode)
    {
        // Two halves that take turns of a minute. What is cold goes to node 1, what is hot to node 0.
        var half = 16UL << 20;
        using var memory = new SimulatedMemory([new AddressRange(0, half), new AddressRange(half, 2 * half)], 0, new RandomSource(3));
        var plan = new MonitoringPlan(
            MonitoringIntervals.Default,
            RegionLimits.Default,
            [
                new("demote", SchemeAction.MigrateCold, new() { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(5) }) { Mode = mode, Destinations = [new(1)] },
                new("promote", SchemeAction.MigrateHot, new() { MinRate = AccessRate.FromPercent(50) }) { Mode = mode, Destinations = [new(0)] },
            ]);
        var random = new RandomSource(5);
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, new VirtualTime());
        session.AddTarget(1, memory, memory);
        for (var turn = 0; turn < 2; turn++)
        {
            memory.SetAccess(turn, new SimulatedAccess(half / Page * 1000));
            memory.SetAccess(1 - turn, default);
            for (var i = 0; i < 60 * 200; i++)
            {
                session.BeginSample();
                memory.Advance(session.Intervals.Sample);
                session.EndSample();
            }

            if (mode == SchemeMode.Enforce)
            {
                memory.ElsewhereBytes.Should().BeCloseTo(half, half / 50);
                memory.NodeOf((ulong)turn * half).Should().Be(0);
                memory.NodeOf((1 - (ulong)turn) * half).Should().Be(1);
            }
        }

        var (demote, promote) = (session.Schemes[0].Statistics, session.Schemes[1].Statistics);
        demote.AppliedBytes.Should().BeCloseTo(2 * half, half / 20, "first one half, then the other");
        demote.RefaultBytes.Should().BeCloseTo(half, half / 20, "the first half was needed again");
        demote.AwayBytes.Should().BeCloseTo(half, half / 20);
        memory.MovedBytes.Should().Be(mode == SchemeMode.Enforce ? demote.AppliedBytes + promote.AppliedBytes : 0);
        if (mode == SchemeMode.Enforce)
        {
            promote.AppliedBytes.Should().BeCloseTo(half, half / 20);
            promote.RefaultBytes.Should().Be(0, "hot memory is meant to be accessed");
        }
    }

    private static SchemeDescription Scheme(SchemeAction action) =>
        new("s", action, new AccessPattern()) { Destinations = action is SchemeAction.MigrateCold or SchemeAction.MigrateHot ? Slow : [] };

    private sealed class Fixture
    {
        public Fixture(SchemeDescription scheme, ulong floorPages = 0)
        {
            var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [scheme]) { ResidentFloorBytes = floorPages * Page };
            Session = new MonitoringSession(plan, new FixedRegionPolicy(Pages * Page), new RandomSource(1), new VirtualTime());
            Session.AddTarget(1, Memory, Memory);
        }

        public ScriptedMemory Memory { get; } = new() { Ranges = { new AddressRange(0, Pages * Page) } };

        public MonitoringSession Session { get; }

        public SchemeStatistics Statistics => Session.Schemes[0].Statistics;

        public void Aggregations(int count)
        {
            for (var i = 0; i < count; i++)
            {
                MonitoringSessionTests.Aggregate(Session);
            }
        }
    }
}

using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class SchemeTests
{
    private const ulong Page = 4096;

    [Fact]
    public void Memory_is_acted_on_once_it_has_been_cold_for_long_enough()
    {
        var run = new Fixture(Scheme("s") with { Pattern = Cold(TimeSpan.FromMilliseconds(500)) }, 64);

        run.Aggregations(4);
        run.Memory.Applied.Should().BeEmpty();
        run.Aggregations(1);

        run.Statistics.AppliedBytes.Should().Be(64 * Page);
        run.Memory.Applied.Aggregate(0UL, (sum, r) => sum + r.SizeBytes).Should().Be(64 * Page);
    }

    [Fact]
    public void An_action_sets_the_age_to_zero()
    {
        var run = new Fixture(Scheme("s") with { Pattern = Cold(TimeSpan.FromMilliseconds(500)) }, 64);
        run.Aggregations(5);

        run.Target.Regions.Ages.ToArray().Should().OnlyContain(age => age == 0);
    }

    [Fact]
    public void Stat_counts_and_leaves_everything_as_it_is()
    {
        var run = new Fixture(Scheme("s") with { Action = SchemeAction.Stat, Pattern = Cold(TimeSpan.FromMilliseconds(500)) }, 64);

        run.Aggregations(7);

        run.Statistics.MatchedNowBytes.Should().Be(64 * Page);
        run.Statistics.MatchedBytes.Should().Be(3 * 64 * Page, "three passes matched");
        (run.Statistics.AdvisedBytes, run.Statistics.AppliedBytes, run.Memory.Applied.Count).Should().Be((0, 0, 0));
        run.Target.Regions.Ages.ToArray().Should().OnlyContain(age => age == 7);
    }

    [Fact]
    public void Observe_counts_what_enforce_would_do_and_does_nothing()
    {
        var observe = new Fixture(Scheme("s") with { Mode = SchemeMode.Observe, Pattern = Cold(TimeSpan.FromMilliseconds(300)) }, 64);
        var enforce = new Fixture(Scheme("s") with { Pattern = Cold(TimeSpan.FromMilliseconds(300)) }, 64);

        observe.Aggregations(4);
        enforce.Aggregations(4);

        observe.Memory.Applied.Should().BeEmpty();
        observe.Statistics.AppliedBytes.Should().Be(enforce.Statistics.AppliedBytes).And.Be(64 * Page);
    }

    [Fact]
    public void Observe_counts_each_byte_once_until_it_is_accessed_again()
    {
        var run = new Fixture(Scheme("s") with { Mode = SchemeMode.Observe, Pattern = Cold(TimeSpan.FromMilliseconds(300)) }, 64);

        run.Aggregations(50);
        run.Statistics.AppliedBytes.Should().Be(64 * Page);

        run.Memory.IsAccessed = _ => true;
        run.Aggregations(2);
        run.Statistics.RefaultBytes.Should().Be(64 * Page);
        run.Statistics.AwayBytes.Should().Be(0);

        run.Memory.IsAccessed = _ => false;
        run.Aggregations(10);
        run.Statistics.AppliedBytes.Should().Be(2 * 64 * Page);
    }

    [Fact]
    public void Advice_without_effect_is_never_a_success()
    {
        var run = new Fixture(Scheme("s") with { Pattern = Cold(TimeSpan.FromMilliseconds(300)) }, 64);
        run.Memory.Effectiveness = 0;

        run.Aggregations(4);

        (run.Statistics.AppliedBytes, run.Statistics.AdvisedBytes, run.Statistics.NoEffectCalls).Should().Be((0, 64 * Page, 1));
    }

    // No region's border moves while nothing is accessed and the regions cannot be cut: the smallest size is a third of the memory.
    [Theory]
    [InlineData(3, 50, "0-50", "50-100", "100-120 0-30", "30-80")] // three regions of 40; the budget is 50
    [InlineData(1, 30, "0-30", "30-60", "60-90", "90-100 0-20")] // one region of 100; the budget is 30
    public void B13_the_next_window_goes_on_where_the_budget_ended(int regions, ulong budget, params string[] windows)
    {
        var pages = regions == 3 ? 120UL : 100UL;
        var memory = new ScriptedMemory { Effectiveness = 0 };
        memory.Ranges.Add(new AddressRange(0, pages * Page));
        var scheme = Scheme("s") with { Quota = new SchemeQuota { SizeBytes = budget * Page, Interval = TimeSpan.FromMilliseconds(100), AccessRateWeight = 0, AgeWeight = 0 } };
        var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [scheme]);
        using var session = new MonitoringSession(plan, new FixedRegionPolicy(pages / (ulong)regions * Page), new RandomSource(1), TimeProvider.System);
        session.AddTarget(1, memory, memory);

        foreach (var expected in windows)
        {
            memory.Applied.Clear();
            MonitoringSessionTests.Aggregate(session);
            Join(memory.Applied).Should().BeEquivalentTo(expected.Split(' '), expected);
        }
    }

    [Fact]
    public void Colder_memory_comes_first_when_the_budget_is_small()
    {
        // The first half was accessed a moment ago, the second never: address order would serve the first half.
        var scheme = Scheme("s") with
        {
            Pattern = new AccessPattern { MaxRate = AccessRate.Never },
            Quota = new SchemeQuota { SizeBytes = 16 * Page, Interval = TimeSpan.FromSeconds(10) },
            ApplyInterval = TimeSpan.FromSeconds(10),
        };
        var run = new Fixture(scheme, 64);
        run.Memory.IsAccessed = address => address < 32 * Page;
        run.Aggregations(98);
        run.Memory.IsAccessed = _ => false;
        run.Aggregations(2);

        run.Memory.Applied.Should().NotBeEmpty().And.OnlyContain(range => range.Start >= 31 * Page);
    }

    [Fact]
    public void The_resident_set_is_not_brought_below_the_floor()
    {
        foreach (var mode in new[] { SchemeMode.Observe, SchemeMode.Enforce })
        {
            var run = new Fixture(Scheme("s") with { Mode = mode }, 64, floorPages: 40);

            run.Aggregations(10);

            run.Statistics.AppliedBytes.Should().Be(24 * Page, "{0}", mode);
            run.Statistics.HeldBy.Should().Be("Floor");
        }
    }

    [Fact]
    public void A_rail_that_holds_leaves_ages_as_they_are_and_is_named()
    {
        var run = new Fixture(Scheme("s"), 64);
        run.Memory.MeasureOutcome = ActionOutcome.Held;
        run.Memory.LastError = "StartGrace";

        run.Aggregations(5);

        run.Statistics.HeldBy.Should().Be("StartGrace");
        run.Target.Regions.Ages.ToArray().Should().OnlyContain(age => age == 5);

        run.Memory.MeasureOutcome = ActionOutcome.Applied;
        run.Aggregations(1);
        (run.Statistics.HeldBy, run.Statistics.AppliedBytes).Should().Be(("", 64 * Page));
    }

    [Theory]
    [InlineData(ActionOutcome.Denied)]
    [InlineData(ActionOutcome.Unsupported)]
    [InlineData(ActionOutcome.Failed)]
    [InlineData(ActionOutcome.TryAgain)]
    public void A_failed_action_is_counted_with_its_reason(ActionOutcome outcome)
    {
        var run = new Fixture(Scheme("s"), 64);
        run.Memory.ApplyOutcome = outcome;
        run.Memory.Effectiveness = 0;
        run.Memory.LastError = "reason";

        run.Aggregations(1);

        (run.Statistics.FailedCalls, run.Statistics.LastFailure, run.Statistics.AppliedBytes, run.Statistics.AdvisedBytes).Should().Be((1, "reason", 0, 0));
    }

    [Fact]
    public void A_mapping_that_is_partly_accessed_is_never_cold()
    {
        // The pattern would take anything; the probe says that a part of the first mapping is in use.
        var run = new Fixture(Scheme("s") with { Pattern = new AccessPattern() }, 64, mapping: true);
        run.Memory.Observe = (start, _) => start == 0 ? AccessObservation.PartlyAccessed : AccessObservation.NotAccessed;

        run.Aggregations(3);

        run.Statistics.MixedMappingBytes.Should().Be(64 * Page);
        run.Memory.Applied.Should().BeEmpty();
    }

    [Fact]
    public void A_scheme_whose_rates_cannot_be_told_apart_says_so_and_does_nothing()
    {
        var run = new Fixture(Scheme("s") with { Pattern = new AccessPattern { MaxRate = AccessRate.FromPercent(1) } }, 64);

        run.Aggregations(3);

        run.Session.Schemes[0].State.Should().Be(SchemeState.Unrepresentable);
        run.Memory.Applied.Should().BeEmpty();
    }

    [Fact]
    public void A_scheme_is_applied_at_its_own_interval()
    {
        var run = new Fixture(Scheme("s") with { Action = SchemeAction.Stat, ApplyInterval = TimeSpan.FromMilliseconds(300) }, 64);

        run.Aggregations(9);

        run.Statistics.MatchedBytes.Should().Be(3 * 64 * Page);
    }

    [Fact]
    public void Of_two_schemes_the_first_takes_the_memory()
    {
        var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [Scheme("first") with { Pattern = Cold(TimeSpan.FromMilliseconds(200)) }, Scheme("second") with { Pattern = Cold(TimeSpan.FromMilliseconds(200)) }]);
        using var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 64 * Page) } };
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, new RandomSource(1)), new RandomSource(1), TimeProvider.System);
        session.AddTarget(1, memory, memory);

        for (var i = 0; i < 3; i++)
        {
            MonitoringSessionTests.Aggregate(session);
        }

        session.Schemes.Select(s => s.Statistics.AppliedBytes).Should().Equal(64 * Page, 0);
    }

    [Fact]
    public void Cutting_for_a_budget_never_exceeds_the_maximum_number_of_regions()
    {
        var scheme = Scheme("s") with { Quota = new SchemeQuota { SizeBytes = Page, Interval = TimeSpan.FromMilliseconds(5) }, ApplyInterval = TimeSpan.FromMilliseconds(5) };
        var run = new Fixture(scheme, 4096, limits: new RegionLimits(3, 12));

        run.Aggregations(20);

        run.Session.MaxProbesPerInterval.Should().BeLessThanOrEqualTo(12);
        run.Statistics.AppliedBytes.Should().BeGreaterThan(0);
    }

    [Fact]
    public void Memory_that_could_not_be_looked_at_is_not_cold()
    {
        var run = new Fixture(Scheme("s") with { Pattern = Cold(TimeSpan.FromMilliseconds(300)) }, 256);
        run.Memory.CheckOutcome = ProbeOutcome.TryAgain;
        run.Memory.LastError = "why";

        run.Aggregations(20);

        run.Memory.Applied.Should().BeEmpty();
        run.Target.Regions.Ages.ToArray().Should().OnlyContain(age => age == 0);
        run.Statistics.LastFailure.Should().Be("why");

        run.Memory.CheckOutcome = ProbeOutcome.Ok;
        run.Aggregations(5);
        run.Memory.Applied.Should().NotBeEmpty();
    }

    [Fact]
    public void One_look_that_failed_makes_its_aggregation_no_proof_of_cold_memory()
    {
        var run = new Fixture(Scheme("s"), 256);
        run.Memory.PrepareOutcome = ProbeOutcome.TryAgain;
        MonitoringSessionTests.Round(run.Session);
        run.Memory.PrepareOutcome = ProbeOutcome.Ok;

        run.Aggregations(1);
        run.Memory.Applied.Should().BeEmpty();
        run.Aggregations(1);
        run.Memory.Applied.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_that_every_aggregation_sees_accessed_is_never_accessed_at_no_moment_in_between(bool partly)
    {
        // One access in twenty samples is 0.95 of a count when one sample has passed, and the estimate rounds that down.
        var run = new Fixture(
            Scheme("s") with { Pattern = new AccessPattern { MaxRate = AccessRate.FromPercent(partly ? 10 : 0), MinAge = TimeSpan.FromMilliseconds(300) }, ApplyInterval = TimeSpan.FromMilliseconds(5) },
            256,
            mapping: partly);
        var sample = 0;
        run.Memory.IsAccessed = _ => sample % 20 == 19;
        run.Memory.Observe = partly ? (_, _) => sample % 20 == 19 ? AccessObservation.PartlyAccessed : AccessObservation.NotAccessed : null;
        for (; sample < 400; sample++)
        {
            MonitoringSessionTests.Round(run.Session);
        }

        run.Memory.Applied.Should().BeEmpty();
    }

    [Theory]
    [InlineData(ActionOutcome.Denied)]
    [InlineData(ActionOutcome.TryAgain)]
    public void Advice_that_the_kernel_refused_is_not_counted_as_given(ActionOutcome outcome)
    {
        var run = new Fixture(Scheme("s") with { Action = SchemeAction.Cold }, 256) { Memory = { ApplyOutcome = outcome, AcceptsAdvice = false } };

        run.Aggregations(1);
        (run.Statistics.AdvisedBytes, run.Statistics.FailedCalls).Should().Be((0UL, 1UL));

        run.Memory.ApplyOutcome = ActionOutcome.Unmeasured;
        run.Memory.AcceptsAdvice = true;
        run.Aggregations(1);
        run.Statistics.AdvisedBytes.Should().Be(256 * Page);
    }

    [Fact]
    public void What_was_counted_before_does_not_stretch_the_budget()
    {
        // Everything is one region again after each aggregation, so what was counted in a part of it is spread over all of it.
        var scheme = Scheme("s") with { Mode = SchemeMode.Observe, Quota = new SchemeQuota { SizeBytes = 10 * Page, Interval = TimeSpan.FromMilliseconds(100) } };
        using var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 1000 * Page) } };
        var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [scheme]);
        using var session = new MonitoringSession(plan, new FixedRegionPolicy(1000 * Page), new RandomSource(1), TimeProvider.System);
        session.AddTarget(1, memory, memory);
        var booked = new List<ulong>();
        ulong before = 0;
        for (var i = 0; i < 60; i++)
        {
            MonitoringSessionTests.Aggregate(session);
            booked.Add((session.Schemes[0].Statistics.AdvisedBytes - before) / Page);
            before = session.Schemes[0].Statistics.AdvisedBytes;
        }

        booked.Should().OnlyContain(pages => pages <= 10);
        before.Should().BeGreaterThan(500 * Page);
    }

    [Fact]
    public void More_mappings_than_regions_do_not_keep_a_small_budget_from_being_spent()
    {
        var scheme = Scheme("s") with { Quota = new SchemeQuota { SizeBytes = 4 * Page, Interval = TimeSpan.FromMilliseconds(100) } };
        using var memory = new ScriptedMemory { Granularity = ProbeGranularity.Mapping };
        memory.Ranges.AddRange(Enumerable.Range(0, 30).Select(i => new AddressRange((ulong)i * 100 * Page, (((ulong)i * 100) + 10) * Page)));
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(3, 12), [scheme]);
        using var session = new MonitoringSession(plan, new MappingRegionPolicy(), new RandomSource(1), TimeProvider.System);
        session.AddTarget(1, memory, memory);

        for (var i = 0; i < 300; i++)
        {
            MonitoringSessionTests.Aggregate(session);
            session.RegionCount.Should().BeLessThanOrEqualTo(30 + 12);
        }

        session.Schemes[0].Statistics.AdvisedBytes.Should().BeGreaterThan(300 * Page);
    }

    [Fact]
    public void No_more_can_be_away_than_there_is()
    {
        // Every page comes back between two passes, and no sample sees it.
        var run = new Fixture(Scheme("s"), 256);

        run.Aggregations(10);

        run.Statistics.AppliedBytes.Should().BeGreaterThan(256 * Page);
        for (var i = 0; i < run.Target.Regions.Count; i++)
        {
            run.Target.Regions.LedgerOf(i)[0].Should().BeLessThanOrEqualTo(run.Target.Regions[i].SizeBytes);
        }
    }

    internal static SchemeDescription Scheme(string name) =>
        new(name, SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never }) { Mode = SchemeMode.Enforce };

    private static AccessPattern Cold(TimeSpan age) => new() { MaxRate = AccessRate.Never, MinAge = age };

    private static List<string> Join(List<AddressRange> ranges)
    {
        var joined = new List<AddressRange>();
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && joined[^1].End == range.Start)
            {
                joined[^1] = new AddressRange(joined[^1].Start, range.End);
            }
            else
            {
                joined.Add(range);
            }
        }

        return [.. joined.Select(r => $"{r.Start / Page}-{r.End / Page}")];
    }

    private sealed class Fixture
    {
        public Fixture(SchemeDescription scheme, ulong pages, ulong floorPages = 0, bool mapping = false, RegionLimits? limits = null)
        {
            Memory = new ScriptedMemory { Ranges = { new AddressRange(0, pages * Page) } };
            var plan = new MonitoringPlan(MonitoringIntervals.Default, limits ?? RegionLimits.Default, [scheme]) { ResidentFloorBytes = floorPages * Page };
            var random = new RandomSource(1);
            IRegionPolicy policy = mapping ? new MappingRegionPolicy() : new KernelRegionPolicy(plan.Limits, random);
            Memory.Granularity = mapping ? ProbeGranularity.Mapping : ProbeGranularity.Page;
            Session = new MonitoringSession(plan, policy, random, TimeProvider.System);
            Session.AddTarget(1, Memory, Memory);
        }

        public ScriptedMemory Memory { get; }

        public MonitoringSession Session { get; }

        public SessionTarget Target => Session.Targets[0];

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

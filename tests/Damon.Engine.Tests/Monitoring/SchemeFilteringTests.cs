using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class SchemeFilteringTests
{
    private const ulong Page = FakeProcess.PageBytes;

    private static readonly SchemeFilter HoldAnonymous = new(SchemeFilterType.Anonymous, Matching: true, Allow: false);

    //          0   1   2   3   4   5   6   7   8
    //  filter          [---------------)             held back
    [Theory]
    [InlineData(3, 5, "3-5", "")]
    [InlineData(1, 2, "1-2", "1-2")]
    [InlineData(6, 8, "6-8", "6-8")]
    [InlineData(1, 4, "1-2 2-4", "1-2")]
    [InlineData(2, 8, "2-6 6-8", "6-8")]
    [InlineData(0, 9, "0-2 2-6 6-9", "0-2 6-9")]
    public void A24_an_address_filter_cuts_a_region_at_its_borders(ulong start, ulong end, string regions, string applied)
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [Address(2, 6, allow: false)] }, new AddressRange(start * Page, end * Page));

        run.Aggregate();

        Text(Enumerable.Range(0, run.Target.Regions.Count).Select(i => run.Target.Regions[i].Range)).Should().Be(regions);
        Text(run.Memory.Applied).Should().Be(applied);
    }

    [Fact]
    public void What_region_filters_hold_back_is_not_tried_and_counts_nowhere()
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [Address(10, 30, allow: false)] }, new AddressRange(0, 40 * Page));

        run.Aggregate();

        (run.Statistics.MatchedBytes, run.Statistics.MatchedNowBytes, run.Statistics.AppliedBytes).Should().Be((20 * Page, 20 * Page, 20 * Page));
        run.Statistics.FilterPassedBytes.Should().Be(20 * Page, "without page filters every page that is looked at is let through");
        run.Statistics.FilteredBytes.Should().Be(0);
    }

    [Theory]
    [InlineData(true, false, "2")]
    [InlineData(true, true, "1")]
    [InlineData(false, false, "1")]
    [InlineData(false, true, "2")]
    public void A_target_filter_knows_targets_by_their_number(bool matching, bool allow, string acted)
    {
        using var other = new ScriptedMemory { Ranges = { new AddressRange(0, 8 * Page) } };
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [new SchemeFilter(SchemeFilterType.Target, matching, allow) { TargetId = 1 }] }, new AddressRange(0, 8 * Page));
        run.Session.AddTarget(2, other, other);

        run.Aggregate();

        (run.Memory.Applied.Count > 0 ? "1" : other.Applied.Count > 0 ? "2" : "").Should().Be(acted);
        run.Statistics.AppliedBytes.Should().Be(8 * Page);
    }

    [Fact]
    public void Only_pages_that_are_let_through_are_acted_on_and_both_kinds_are_counted()
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [HoldAnonymous] }, new AddressRange(0, 12 * Page));
        run.Memory.Facts = address => new PageFacts(PageFactKinds.Anonymous, IsAnonymous: address / Page % 3 == 0);

        run.Aggregate();

        Text(run.Memory.Applied).Should().Be("1-2 2-3 4-5 5-6 7-8 8-9 10-11 11-12");
        (run.Statistics.AppliedBytes, run.Statistics.AdvisedBytes, run.Statistics.FilterPassedBytes, run.Statistics.FilteredBytes).Should().Be((8 * Page, 8 * Page, 8 * Page, 4 * Page));
        run.Statistics.MatchedBytes.Should().Be(12 * Page, "held-back pages were tried");
    }

    [Fact]
    public void What_a_region_filter_lets_through_is_spared_the_page_filters()
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [HoldAnonymous, Address(4, 8, allow: true)] }, new AddressRange(0, 12 * Page));
        run.Memory.Facts = address => new PageFacts(PageFactKinds.Anonymous, IsAnonymous: address != 2 * Page);

        run.Aggregate();

        Text(run.Memory.Applied).Should().Be("2-3 4-8");
        run.Statistics.AppliedBytes.Should().Be(5 * Page);
    }

    [Theory]
    [InlineData(SchemeMode.Observe)]
    [InlineData(SchemeMode.Enforce)]
    public void A_page_budget_is_charged_only_with_what_filters_let_through(SchemeMode mode)
    {
        var quota = new SchemeQuota { SizeBytes = 4 * Page, Interval = TimeSpan.FromHours(1) };
        using var run = new Fixture(SchemeTests.Scheme("s") with { Mode = mode, Filters = [HoldAnonymous], Quota = quota }, new AddressRange(0, 12 * Page));
        run.Memory.Facts = address => new PageFacts(PageFactKinds.Anonymous, IsAnonymous: address < 6 * Page);

        run.Aggregate();

        run.Statistics.AppliedBytes.Should().Be(4 * Page);
        Text(run.Memory.Applied).Should().Be(mode == SchemeMode.Enforce ? "6-7 7-8 8-9 9-10" : "");
    }

    [Fact]
    public void The_order_of_a_small_budget_looks_past_memory_that_is_held_back()
    {
        // The first half is the coldest and held back. Counted in, it would fill the budget alone, and the second half, whose score is lower, would never be served.
        var scheme = SchemeTests.Scheme("s") with
        {
            Filters = [Address(0, 32, allow: false)],
            Quota = new SchemeQuota { SizeBytes = 16 * Page, Interval = TimeSpan.FromSeconds(10) },
            ApplyInterval = TimeSpan.FromSeconds(10),
        };
        using var run = new Fixture(scheme, new AddressRange(0, 64 * Page), splitAt: 32 * Page);
        run.Memory.IsAccessed = address => address >= 32 * Page;
        run.Aggregate(98);
        run.Memory.IsAccessed = _ => false;
        run.Aggregate(2);

        run.Statistics.AppliedBytes.Should().Be(16 * Page);
        run.Memory.Applied.Should().OnlyContain(range => range.Start >= 32 * Page);
    }

    [Fact]
    public void A_scheme_that_counts_says_what_its_page_filters_let_through_and_changes_nothing()
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Action = SchemeAction.Stat, Filters = [HoldAnonymous, Address(8, 12, allow: false)] }, new AddressRange(0, 12 * Page));
        run.Memory.Facts = address => new PageFacts(PageFactKinds.Anonymous, IsAnonymous: address < 6 * Page);

        run.Aggregate(3);

        (run.Statistics.FilterPassedBytes, run.Statistics.FilteredBytes, run.Statistics.MatchedNowBytes).Should().Be((3 * 2 * Page, 6 * Page, 8 * Page));
        run.Target.Regions.Count.Should().Be(1, "counting cuts nothing");
        run.Target.Regions.Ages.ToArray().Should().OnlyContain(age => age == 3);
        run.Memory.Applied.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, "0-8:0")]
    [InlineData(true, "0-8:2")]
    public void Tried_regions_of_a_scheme_that_counts_are_those_not_held_back(bool hasPageFilters, string tried)
    {
        SchemeFilter[] filters = hasPageFilters ? [HoldAnonymous, Address(8, 12, allow: false)] : [Address(8, 12, allow: false)];
        using var run = new Fixture(SchemeTests.Scheme("s") with { Action = SchemeAction.Stat, Filters = filters }, new AddressRange(0, 12 * Page));
        run.Memory.Facts = address => new PageFacts(PageFactKinds.Anonymous, IsAnonymous: address < 6 * Page);

        run.Aggregate();

        Tried().Should().Be(tried);
        run.Memory.MeasureOutcome = ActionOutcome.Denied;
        run.Aggregate();
        Tried().Should().Be("0-8:0", "what could not be judged was tried all the same");
        run.Statistics.FailedCalls.Should().Be(hasPageFilters ? 1UL : 0);

        string Tried() => string.Join(' ', run.Session.Schemes[0].TriedInLatestPass().Select(t => $"{Text([t.Range])}:{t.ReachableBytes / Page}"));
    }

    [Fact]
    public void A20_a_commit_puts_other_filters_in_force_and_equal_ones_leave_everything()
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [Address(0, 8, allow: false)] }, new AddressRange(0, 12 * Page));
        run.Aggregate();
        Text(run.Memory.Applied).Should().Be("8-12");

        run.Memory.Applied.Clear();
        var chain = run.Session.Schemes[0].Filters;
        Commit(Address(0, 8, allow: false)).Should().BeEmpty();
        run.Session.Schemes[0].Filters.Should().BeSameAs(chain);

        Commit(Address(2, 12, allow: false)).Should().BeEmpty();
        run.Aggregate();
        Text(run.Memory.Applied).Should().Be("0-2");
        run.Statistics.AppliedBytes.Should().Be(6 * Page, "counts go on");

        Commit([.. Enumerable.Repeat(HoldAnonymous, 5000)]).Should().ContainSingle().Which.Field.Should().Be("schemes[s].filters");
        Commit(Address(5, 5, allow: true)).Should().ContainSingle().Which.Field.Should().Be("schemes[s].filters[0].endAddress");
        Commit([]).Should().BeEmpty();
        run.Session.Schemes[0].Filters.HasRegionFilters.Should().BeFalse();

        IReadOnlyList<PlanError> Commit(params SchemeFilter[] filters) =>
            run.Session.Commit(run.Session.Plan with { Schemes = [run.Session.Plan.Schemes[0] with { Filters = filters }] });
    }

    [Fact]
    public void A_scheme_that_counts_within_a_budget_is_charged_only_with_what_is_tried()
    {
        var quota = new SchemeQuota { SizeBytes = 10 * Page, Interval = TimeSpan.FromHours(1) };
        using var run = new Fixture(SchemeTests.Scheme("s") with { Action = SchemeAction.Stat, Quota = quota, Filters = [Address(0, 8, allow: false)] }, new AddressRange(0, 12 * Page));

        run.Aggregate();

        (run.Statistics.AdvisedBytes, run.Statistics.MatchedNowBytes).Should().Be((4 * Page, 4 * Page));
    }

    [Fact]
    public void A_region_that_there_is_no_room_to_cut_waits_and_is_not_touched()
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [Address(10, 30, allow: false)] }, new AddressRange(0, 40 * Page), limits: new RegionLimits(3, 3), splitAt: 20 * Page);
        run.Target.Regions.SplitAt(1, 39 * Page);

        run.Aggregate(3);

        Text(run.Memory.Applied.Distinct()).Should().Be("39-40");
        run.Target.Regions.Count.Should().Be(3);
    }

    [Theory]
    [InlineData(ActionOutcome.Unsupported)]
    [InlineData(ActionOutcome.Denied)]
    public void A_filter_that_cannot_be_judged_leaves_the_memory_alone_and_is_named(ActionOutcome outcome)
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [new SchemeFilter(SchemeFilterType.Active, true, false)] }, new AddressRange(0, 12 * Page));
        run.Memory.MeasureOutcome = outcome;
        run.Memory.LastError = "the filter Active cannot be judged";

        run.Aggregate();

        (run.Statistics.FailedCalls, run.Statistics.LastFailure, run.Memory.Applied.Count).Should().Be((1UL, "the filter Active cannot be judged", 0));
    }

    [Theory]
    [InlineData(SchemeFilterType.Young, SchemeMode.Enforce, SchemeAction.Pageout, 1)]
    [InlineData(SchemeFilterType.Young, SchemeMode.Observe, SchemeAction.Pageout, 1)]
    [InlineData(SchemeFilterType.Young, SchemeMode.Enforce, SchemeAction.Stat, 1)]
    [InlineData(SchemeFilterType.Active, SchemeMode.Enforce, SchemeAction.Pageout, 0)]
    public void A_look_at_young_pages_is_ended_once_in_every_mode(SchemeFilterType type, SchemeMode mode, SchemeAction action, int ended)
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Mode = mode, Action = action, Filters = [new SchemeFilter(type, true, false)] }, new AddressRange(0, 12 * Page));
        run.Memory.Facts = address => new PageFacts(PageFactKinds.Young | PageFactKinds.Active, IsYoung: address > 0);

        run.Aggregate();

        run.Memory.EndedLooks.Should().Equal(Enumerable.Repeat(new AddressRange(0, 12 * Page), ended));
    }

    [Fact]
    public void Where_every_page_is_young_the_look_is_ended_all_the_same()
    {
        using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [new SchemeFilter(SchemeFilterType.Young, true, false)] }, new AddressRange(0, 12 * Page));
        run.Memory.Facts = _ => new PageFacts(PageFactKinds.Young, IsYoung: true);

        run.Aggregate();

        run.Memory.Applied.Should().BeEmpty();
        run.Memory.EndedLooks.Should().ContainSingle("or they would stay young for ever");
    }

    [Fact]
    public void Whatever_the_filters_exactly_the_pages_they_let_through_are_acted_on()
    {
        var address = Gen.Select(Gen.Bool, Gen.Bool, Gen.ULong[0, 63], Gen.ULong[1, 20], (matching, allow, start, size) =>
            new SchemeFilter(SchemeFilterType.Address, matching, allow) { StartAddress = start * Page, EndAddress = (start + size) * Page });
        var page = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, (isActive, matching, allow) => new SchemeFilter(isActive ? SchemeFilterType.Active : SchemeFilterType.Anonymous, matching, allow));
        Gen.Select(address.List[0, 5], page.List[0, 3]).Sample(
            (regionFilters, pageFilters) =>
            {
                using var run = new Fixture(SchemeTests.Scheme("s") with { Filters = [.. pageFilters, .. regionFilters] }, new AddressRange(0, 64 * Page));
                run.Memory.Facts = FactsOf;

                run.Aggregate();

                var acted = run.Memory.Applied.SelectMany(r => Enumerable.Range((int)(r.Start / Page), (int)(r.SizeBytes / Page))).Order();
                acted.Should().Equal(Enumerable.Range(0, 64).Where(i => Naive(regionFilters, pageFilters, (ulong)i * Page)));
            },
            iter: 300);

        static PageFacts FactsOf(ulong address) => new(PageFactKinds.Anonymous | PageFactKinds.Active, IsAnonymous: address / Page % 2 == 0, IsActive: address / Page % 3 == 0);

        static bool Naive(List<SchemeFilter> regionFilters, List<SchemeFilter> pageFilters, ulong at)
        {
            var decides = regionFilters.Find(f => (f.StartAddress <= at && at < f.EndAddress) == f.Matching);
            if (decides is not null && !decides.Allow)
            {
                return false;
            }

            if (decides is not null || pageFilters.Count == 0)
            {
                return decides is not null || regionFilters.Count == 0 || !regionFilters[^1].Allow;
            }

            var facts = FactsOf(at);
            return pageFilters.Find(f => (f.Type == SchemeFilterType.Active ? facts.IsActive : facts.IsAnonymous) == f.Matching)?.Allow ?? !pageFilters[^1].Allow;
        }
    }

    [Theory]
    [InlineData(RegionPolicyKind.Kernel)]
    [InlineData(RegionPolicyKind.Adaptive)]
    public void Every_policy_leaves_room_for_the_cuts_of_filters(RegionPolicyKind policy)
    {
        // Borders where no policy would cut by itself, in memory that is accessed so variously that regions are never few.
        const ulong Pages = 10_000;
        var filters = Enumerable.Range(0, 6).Select(i => Address((ulong)(1000 * i) + 777, (ulong)(1000 * i) + 1111, allow: false)).ToList();
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(10, 100), [SchemeTests.Scheme("s") with { Pattern = new AccessPattern(), Filters = filters }]);
        using var memory = new ScriptedMemory { Ranges = { new AddressRange(0, Pages * Page) }, IsAccessed = address => address / (100 * Page) % 2 == 0 };
        var random = new RandomSource(1);
        using var session = new MonitoringSession(plan, RegionPolicies.Create(policy, plan.Limits, random), random, TimeProvider.System);
        session.AddTarget(1, memory, memory);
        for (var i = 0; i < 100; i++)
        {
            MonitoringSessionTests.Aggregate(session);
        }

        var acted = new bool[Pages];
        memory.Applied.ForEach(r => acted.AsSpan((int)(r.Start / Page), (int)(r.SizeBytes / Page)).Fill(true));
        var wanted = Enumerable.Range(0, (int)Pages).Select(i => filters.TrueForAll(f => (ulong)i * Page < f.StartAddress || (ulong)i * Page >= f.EndAddress)).ToList();
        acted.Should().Equal(wanted);
        session.MaxProbesPerInterval.Should().BeLessThanOrEqualTo(100);
    }

    private static SchemeFilter Address(ulong firstPage, ulong endPage, bool allow) =>
        new(SchemeFilterType.Address, Matching: true, allow) { StartAddress = firstPage * Page, EndAddress = endPage * Page };

    private static string Text(IEnumerable<AddressRange> ranges) => string.Join(' ', ranges.Select(r => $"{r.Start / Page}-{r.End / Page}"));

    private sealed class Fixture : IDisposable
    {
        public Fixture(SchemeDescription scheme, AddressRange range, RegionLimits? limits = null, ulong splitAt = 0)
        {
            Memory = new ScriptedMemory { Ranges = { range } };
            var plan = new MonitoringPlan(MonitoringIntervals.Default, limits ?? RegionLimits.Default, [scheme]);
            Session = new MonitoringSession(plan, new StillRegionPolicy(), new RandomSource(1), TimeProvider.System);
            Session.AddTarget(1, Memory, Memory);
            if (splitAt > 0)
            {
                Target.Regions.SplitAt(0, splitAt);
            }
        }

        public ScriptedMemory Memory { get; }

        public MonitoringSession Session { get; }

        public SessionTarget Target => Session.Targets[0];

        public SchemeStatistics Statistics => Session.Schemes[0].Statistics;

        public void Aggregate(int count = 1)
        {
            for (var i = 0; i < count; i++)
            {
                MonitoringSessionTests.Aggregate(Session);
            }
        }

        public void Dispose()
        {
            Session.Dispose();
            Memory.Dispose();
        }
    }

    /// <summary>Only ages: regions stay as the test and the filters have cut them.</summary>
    private sealed class StillRegionPolicy : IRegionPolicy
    {
        public void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses)
        {
            foreach (var table in tables)
            {
                table.Merge(threshold: 0, limitBytes: 0, countAges: true);
            }
        }

        public void Split(IReadOnlyList<RegionTable> tables)
        {
        }

        public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
        {
        }

        public void Fit(IReadOnlyList<RegionTable> tables)
        {
        }
    }
}

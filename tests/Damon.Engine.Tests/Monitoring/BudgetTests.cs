using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class BudgetTests
{
    private const ulong Page = 4096;
    private const ulong MiB = 1UL << 20;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private static readonly SchemeQuota Unranked = new() { Interval = Window, AccessRateWeight = 0, AgeWeight = 0 };

    [Theory]
    [InlineData(3, 120, 50, "0-50", "50-100", "100-120 0-30", "30-80")]
    [InlineData(1, 100, 30, "0-30", "30-60", "60-90", "90-100 0-20")]
    public void B13_a_group_goes_on_where_its_budget_ended(int regions, ulong pages, ulong budget, params string[] windows)
    {
        using var run = new Fixed(Unranked with { PerGroupBytes = budget * Page }, pages / (ulong)regions);
        run.Add(1, pages);

        foreach (var expected in windows)
        {
            run.Aggregate();
            run.Applied(1).Should().BeEquivalentTo(expected.Split(' '), expected);
        }
    }

    [Theory]
    [InlineData(SchemeAction.Pageout)]
    [InlineData(SchemeAction.Stat)]
    public void Counting_alone_keeps_to_the_budget_and_goes_round_too(SchemeAction action)
    {
        using var run = new Fixed(Unranked with { SizeBytes = 30 * Page }, 100, action);
        run.Add(1, 100);
        foreach (var expected in new[] { "0-30", "30-60", "60-90", "90-100 0-20" })
        {
            run.Aggregate();
            run.Matched(1).Should().BeEquivalentTo(expected.Split(' '), expected);
        }

        run.Statistics.AdvisedBytes.Should().Be(120 * Page);
    }

    [Fact]
    public void A_full_group_is_passed_over_and_the_others_go_on()
    {
        using var run = new Fixed(Unranked with { PerGroupBytes = 10 * Page }, 100);
        run.Add(1, 100, "a");
        run.Add(2, 100, "a");
        run.Add(3, 100);
        run.Add(4, 100);

        run.Aggregate();

        new[] { 1, 2, 3, 4 }.Select(id => string.Join(' ', run.Applied(id))).Should().Equal("0-10", "", "0-10", "0-10");
    }

    [Fact]
    public void A_group_of_several_targets_goes_round_all_of_them()
    {
        using var run = new Fixed(Unranked with { PerGroupBytes = 15 * Page }, 20);
        run.Add(1, 20, "a");
        run.Add(2, 20, "a");
        var served = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            run.Aggregate();
            served.Add($"{string.Join(' ', run.Applied(1))} | {string.Join(' ', run.Applied(2))}");
        }

        served.Should().Equal("0-15 | ", "15-20 | 0-10", "0-5 | 10-20", "5-20 | ");
    }

    [Fact]
    public void The_schemes_own_budget_and_those_of_groups_go_round_together()
    {
        // 25 pages a window for the scheme, 10 for each of four groups: everybody is served, in turns.
        using var run = new Fixed(Unranked with { SizeBytes = 25 * Page, PerGroupBytes = 10 * Page }, 100);
        for (var id = 1; id <= 4; id++)
        {
            run.Add(id, 100);
        }

        var sums = new ulong[5];
        for (var i = 0; i < 40; i++)
        {
            run.Aggregate();
            for (var id = 1; id <= 4; id++)
            {
                sums[id] += run.AppliedBytes(id) / Page;
            }
        }

        sums[1..].Should().OnlyContain(pages => pages >= 200 && pages <= 300);
        sums.Aggregate(0UL, (sum, pages) => sum + pages).Should().Be(40 * 25);
        for (var id = 1; id <= 4; id++)
        {
            run.Ever(id).Should().Be(100, "every page of target {0} was served", id);
        }
    }

    [Fact]
    public void Passes_that_find_a_group_full_leave_its_place_alone()
    {
        using var run = new Fixed(Unranked with { PerGroupBytes = 30 * Page, Interval = 3 * Window }, 100);
        run.Add(1, 100, "a");
        run.Add(2, 100, "a");
        var served = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            run.Aggregate();
            served.AddRange(run.Applied(1));
            run.Applied(2).Should().BeEmpty();
        }

        served.Should().Equal("0-30", "30-60", "60-90");
    }

    [Fact]
    public void A_group_whose_target_ended_at_its_place_begins_anew()
    {
        using var run = new Fixed(Unranked with { PerGroupBytes = 10 * Page }, 100);
        run.Add(1, 100, "a");
        run.Add(2, 100, "a");
        run.Aggregate();
        run.Session.RemoveTarget(1, "test");

        run.Aggregate();

        run.Applied(2).Should().Equal("0-10");
    }

    [Fact]
    public void A_process_that_starts_anew_in_a_group_gets_no_new_budget_in_the_window()
    {
        using var run = new Fixed(Unranked with { PerGroupBytes = 10 * Page, Interval = 10 * Window }, 100);
        run.Add(1, 100, "a");
        run.Aggregate();
        run.Session.RemoveTarget(1, "test");
        run.Add(2, 100, "a");

        run.Aggregate();

        run.Applied(2).Should().BeEmpty();
    }

    [Fact]
    public void What_one_group_may_not_take_is_left_to_the_next_coldest()
    {
        // The first target is far colder and far larger than the scheme's budget; its group's limit keeps it from most of it.
        var quota = new SchemeQuota { Interval = Window, SizeBytes = 40 * Page, PerGroupBytes = 10 * Page, AccessRateWeight = 0, AgeWeight = 100 };
        using var run = new Fixed(quota, 100);
        run.Add(1, 100);
        run.Add(2, 100);
        run.Session.Targets[0].Regions.Ages.Fill(100_000);

        run.Aggregate();

        (run.AppliedBytes(1), run.AppliedBytes(2)).Should().Be((10 * Page, 10 * Page));
    }

    [Fact]
    public void Within_a_group_the_coldest_comes_first()
    {
        var quota = new SchemeQuota { Interval = Window, PerGroupBytes = 10 * Page, AccessRateWeight = 0, AgeWeight = 100 };
        using var run = new Fixed(quota, 50);
        run.Add(1, 100);
        run.Session.Targets[0].Regions.Ages[1] = 100_000;

        run.Aggregate(keepsRegions: true);

        run.Applied(1).Should().Equal("50-60");
    }

    [Fact]
    public void What_an_action_did_not_reach_is_charged_at_the_ratio()
    {
        foreach (var (denominator, windows) in new[] { (0UL, 1), (1024UL, 10) })
        {
            var quota = Unranked with { SizeBytes = 100 * Page, Interval = TimeSpan.FromSeconds(10), FailedChargeNumerator = 1, FailedChargeDenominator = denominator };
            using var run = new Fixed(quota, 1000);
            run.Add(1, 1000).Effectiveness = 0;
            var served = 0;
            for (var i = 0; i < 10; i++)
            {
                run.Aggregate();
                served += run.AppliedBytes(1) > 0 ? 1 : 0;
            }

            served.Should().Be(windows);
            run.Session.Schemes[0].ChargedQuotaBytes.Should().BeLessThanOrEqualTo(100 * Page);
        }
    }

    [Fact]
    public void A_charge_that_is_given_back_is_given_back_to_the_group_too()
    {
        var quota = Unranked with { PerGroupBytes = 100 * Page, Interval = TimeSpan.FromSeconds(10), FailedChargeNumerator = 0, FailedChargeDenominator = 1 };
        using var run = new Fixed(quota, 1000);
        run.Add(1, 1000, "a").Effectiveness = 0;
        run.Aggregate();
        run.Applied(1).Should().Equal("0-100");

        run.Aggregate();

        run.Applied(1).Should().Equal(["100-200"], "nothing was reached, so nothing was charged, and the pass goes on");
    }

    [Fact]
    public void A_budget_that_is_no_whole_number_of_pages_is_never_stretched()
    {
        using var run = new Fixed(Unranked with { SizeBytes = (3 * Page) + 1000 }, 100);
        run.Add(1, 100);

        run.Aggregate();

        run.AppliedBytes(1).Should().Be(3 * Page);
    }

    [Fact]
    public void Quotas_are_never_exceeded_in_a_window_however_regions_merge_and_split() =>
        Gen.Select(
            Gen.ULong[0, 300],
            Gen.ULong[1, 200],
            Gen.Int[1, 4],
            Gen.Int[1, 6],
            Gen.Select(Gen.ULong, Gen.Int[0, 4], Gen.Bool, Gen.Bool)).Sample(
            (sizePages, groupPages, windowAggregations, targets, noise) => KeepsToItsQuota(sizePages, groupPages, windowAggregations, targets, noise),
            iter: 60);

    [Fact]
    public void S1_no_window_exceeds_its_size_and_every_window_is_used_up()
    {
        // Two regions of 10 MiB are accessed in turns, two seconds each; what is hot is counted, at most 1 MiB in 100 ms.
        var memory = new SimulatedMemory([new AddressRange(0, 10 * MiB), new AddressRange(10 * MiB, 20 * MiB)], 0, new RandomSource(5));
        var intervals = MonitoringIntervals.Default;
        var pattern = new AccessPattern { MinRate = AccessRate.FromPercent(25), MinAge = 2 * intervals.Aggregation };
        var scheme = new SchemeDescription("s", SchemeAction.Stat, pattern) { Quota = new SchemeQuota { SizeBytes = MiB, Interval = Window } };
        var plan = new MonitoringPlan(intervals, RegionLimits.Default, [scheme]);
        var random = new RandomSource(1);
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System);
        session.AddTarget(1, memory, memory);
        ulong before = 0, samples = 0, most = 0;
        for (var aggregation = 0; aggregation < 160; aggregation++)
        {
            if (aggregation % 20 == 0)
            {
                memory.SetAccess(aggregation / 20 % 2, new SimulatedAccess(10_000_000, Page));
                memory.SetAccess(1 - (aggregation / 20 % 2), default);
            }

            for (var i = 0U; i < intervals.SamplesPerAggregation; i++)
            {
                session.BeginSample();
                memory.Advance(intervals.Sample);
                session.EndSample();
            }

            var tried = session.Schemes[0].Statistics.AdvisedBytes - before;
            before = session.Schemes[0].Statistics.AdvisedBytes;
            most = Math.Max(most, tried);
            samples += tried > 0 ? 1UL : 0;
        }

        most.Should().Be(MiB);
        samples.Should().BeGreaterThan(80);

        // The last window is still open.
        session.Schemes[0].Statistics.QuotaExceededWindows.Should().BeGreaterThanOrEqualTo(samples - 1);
    }

    [Fact]
    public void Budgets_of_groups_and_goals_cost_no_memory_per_interval()
    {
        var scheme = new SchemeDescription("s", SchemeAction.Pageout, new AccessPattern())
        {
            Quota = new SchemeQuota
            {
                SizeBytes = 30 * Page,
                PerGroupBytes = 10 * Page,
                Interval = Window,
                Goals = [new QuotaGoal(GoalMetric.ActiveMemory, 9000), new QuotaGoal(GoalMetric.SomeMemoryPressure, 1)],
            },
        };
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(10, 100), [scheme]);
        var random = new RandomSource(1);
        var machine = new GoalMachine { Machine = new MemoryTotals(9, 9, 9, 1, 8), Stalled = TimeSpan.Zero };
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System, machine: machine);
        for (var id = 1; id <= 4; id++)
        {
            var memory = new SimulatedMemory([new AddressRange(0, 10_000 * Page)], 0, new RandomSource((ulong)id));
            session.AddTarget(id, memory, memory, id > 2 ? "pod" : null);
        }

        var allocated = Allocations.Of(() =>
        {
            for (var i = 0; i < 10; i++)
            {
                MonitoringSessionTests.Aggregate(session);
            }
        });

        allocated.Should().Be(0);
        session.Schemes[0].Statistics.GroupQuotaExceededWindows.Should().BePositive();
    }

    private static bool KeepsToItsQuota(ulong sizePages, ulong groupPages, int windowAggregations, int targets, (ulong Seed, int HotShare, bool HasGroups, bool Observes) noise)
    {
        var chance = new RandomSource(noise.Seed);
        var seen = new SumPerWindow();
        var scheme = new SchemeDescription("s", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.FromPercent(50) })
        {
            Mode = noise.Observes ? SchemeMode.Observe : SchemeMode.Enforce,
            ApplyInterval = TimeSpan.FromMilliseconds(25),
            Quota = new SchemeQuota
            {
                // Odd bytes on purpose: no limit has to be a whole number of pages.
                SizeBytes = sizePages == 0 ? 0 : (sizePages * Page) + (noise.Seed % Page),
                PerGroupBytes = (groupPages * Page) + (noise.Seed % 77),
                Interval = windowAggregations * Window,
            },
        };
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(10, 60), [scheme]);
        var random = new RandomSource(noise.Seed + 1);
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System, seen);
        var memories = new List<ScriptedMemory>();
        for (var id = 1; id <= targets; id++)
        {
            var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 500 * Page) }, Effectiveness = chance.NextShare() };
            memory.IsAccessed = address => (address / Page * 2654435761 % 5) < (ulong)noise.HotShare && chance.NextBelow(3) == 0;
            memories.Add(memory);
            session.AddTarget(id, memory, memory, noise.HasGroups ? $"g{id % 2}" : null);
        }

        for (var i = 0; i < 12 * 20; i++)
        {
            MonitoringSessionTests.Round(session);
            if (i == 100 && targets > 1)
            {
                session.RemoveTarget(1, "test");
            }
        }

        return seen.Most.All(most => most.Value <= scheme.Quota.PerGroupBytes) && (sizePages == 0 || seen.MostOfAll <= scheme.Quota.SizeBytes);
    }

    private static List<string> Join(IEnumerable<AddressRange> ranges)
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

    /// <summary>Several targets whose regions no access changes.</summary>
    private sealed class Fixed : IDisposable, ISessionObserver
    {
        private readonly Dictionary<int, ScriptedMemory> _memories = [];
        private readonly Dictionary<int, List<AddressRange>> _matched = [];
        private readonly Dictionary<int, HashSet<ulong>> _ever = [];

        public Fixed(SchemeQuota quota, ulong regionPages, SchemeAction action = SchemeAction.Pageout)
        {
            var scheme = new SchemeDescription("s", action, new AccessPattern { MaxRate = AccessRate.Never }) { Mode = SchemeMode.Enforce, Quota = quota };
            var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [scheme]);
            Session = new MonitoringSession(plan, new FixedRegionPolicy(regionPages * Page), new RandomSource(1), TimeProvider.System, this);
        }

        public MonitoringSession Session { get; }

        public SchemeStatistics Statistics => Session.Schemes[0].Statistics;

        public ScriptedMemory Add(int id, ulong pages, string? group = null)
        {
            var memory = new ScriptedMemory { Effectiveness = 1, Resident = 1UL << 40 };
            memory.Ranges.Add(new AddressRange(0, pages * Page));
            _memories[id] = memory;
            _matched[id] = [];
            _ever[id] = [];
            Session.AddTarget(id, memory, memory, group);
            return memory;
        }

        public void Aggregate(bool keepsRegions = false)
        {
            foreach (var id in _memories.Keys)
            {
                _memories[id].Applied.Clear();
                _matched[id].Clear();
            }

            // Ages that a test has set would be averaged by the policy's merge: a scheme that is due between two aggregations sees them as they are.
            if (keepsRegions)
            {
                Session.Schemes[0].NextApplyInterval = 1;
                MonitoringSessionTests.Round(Session);
                return;
            }

            MonitoringSessionTests.Aggregate(Session);
            foreach (var (id, memory) in _memories)
            {
                _ever[id].UnionWith(memory.Applied.SelectMany(range => Enumerable.Range((int)(range.Start / Page), (int)(range.SizeBytes / Page))).Select(page => (ulong)page));
            }
        }

        public List<string> Applied(int id) => Join(_memories[id].Applied);

        public List<string> Matched(int id) => Join(_matched[id]);

        public ulong AppliedBytes(int id) => _memories[id].Applied.Aggregate(0UL, (sum, range) => sum + range.SizeBytes);

        public int Ever(int id) => _ever[id].Count;

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes) => _matched[target.Id].Add(range);

        public void OnAggregated(MonitoringSession session)
        {
        }

        public void Dispose() => Session.Dispose();
    }

    /// <summary>The most that was acted on in one window, by group and in all.</summary>
    private sealed class SumPerWindow : ISessionObserver
    {
        private readonly Dictionary<string, ulong> _sums = [];
        private ulong _window;
        private ulong _sumOfAll;

        public Dictionary<string, ulong> Most { get; } = [];

        public ulong MostOfAll { get; private set; }

        public void OnAggregated(MonitoringSession session)
        {
        }

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
        {
            if (_window != scheme.Window.Windows)
            {
                _window = scheme.Window.Windows;
                _sums.Clear();
                _sumOfAll = 0;
            }

            var group = target.Group ?? $"target {target.Id}";
            _sums[group] = _sums.GetValueOrDefault(group) + reachableBytes;
            _sumOfAll += reachableBytes;
            Most[group] = Math.Max(Most.GetValueOrDefault(group), _sums[group]);
            MostOfAll = Math.Max(MostOfAll, _sumOfAll);
        }
    }
}

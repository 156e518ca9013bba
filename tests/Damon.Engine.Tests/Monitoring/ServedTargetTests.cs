using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class ServedTargetTests
{
    private const ulong Page = 4096;
    private const ulong Pages = 64;

    private static readonly MonitoringIntervals Intervals = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60));

    // Which schemes serve a target whose plan is a and b, and which of them act on it.
    [Theory]
    [InlineData(null, "a b")]
    [InlineData("a b", "a b")]
    [InlineData("a", "a")]
    [InlineData("b", "b")]
    [InlineData("b later", "b")]
    [InlineData("later", "")]
    [InlineData("", "")]
    public void A_scheme_sees_only_the_targets_that_it_serves(string? served, string acting)
    {
        using var run = new Run("a", "b");
        run.Add(1, served);
        run.Add(2, null);

        run.Aggregate(3);

        var expected = Names(acting);
        foreach (var scheme in run.Session.Schemes)
        {
            var targets = expected.Contains(scheme.Description.Name) ? 2UL : 1UL;
            scheme.Statistics.MatchedNowBytes.Should().Be(targets * Pages * Page, scheme.Description.Name);
            scheme.TriedInLatestPass().Select(tried => tried.Target).Distinct().Should().HaveCount((int)targets);
        }
    }

    [Fact]
    public void A_target_that_nobody_serves_is_not_looked_at()
    {
        using var run = new Run("a");
        var looks = 0;
        run.Add(1, "").OnPrepare = () => looks++;
        run.Add(2, "a");
        run.Aggregate(2);
        looks.Should().Be(0);
        run.Session.MaxProbesPerInterval.Should().Be(run.Session.Targets[1].Regions.Count);

        run.Session.ServeTarget(1, ["a"]);
        run.Aggregate(1);
        looks.Should().Be(20);
    }

    [Fact]
    public void What_was_not_looked_at_is_not_old_when_it_is_looked_at_again()
    {
        using var run = new Run(SchemeMode.Enforce, TimeSpan.FromMilliseconds(400), "a");
        run.Add(1, "a");
        run.Aggregate(3);
        run.Session.ServeTarget(1, []);
        run.Aggregate(50);
        run.Session.ServeTarget(1, ["a"]);

        run.Aggregate(3);
        run.Session.Schemes[0].Statistics.MatchedBytes.Should().Be(0);
        run.Aggregate(1);
        run.Session.Schemes[0].Statistics.MatchedBytes.Should().Be(Pages * Page);
    }

    [Fact]
    public void What_a_scheme_had_put_away_of_a_target_that_it_leaves_is_forgotten_and_that_of_others_is_not()
    {
        using var run = new Run(SchemeMode.Observe, TimeSpan.Zero, "a", "b");
        run.Add(1, null);
        run.Add(2, null);
        run.Aggregate(3);
        run.Session.Schemes.Select(scheme => scheme.Statistics.AwayBytes).Should().OnlyContain(away => away == 2 * Pages * Page);

        run.Session.ServeTarget(1, ["b"]);
        run.Aggregate(1);

        run.Session.Schemes.Select(scheme => scheme.Statistics.AwayBytes).Should().Equal(Pages * Page, 2 * Pages * Page);
    }

    [Fact]
    public void Names_outlive_the_schemes_places_and_wait_for_schemes_that_a_later_plan_brings() =>
        Gen.Select(Gen.Shuffle(new[] { "a", "b", "c", "d" }), Gen.Int[0, 4], Gen.Int[0, 15], Gen.Int[0, 15]).Array[1, 8].Sample(
            plans =>
            {
                using var run = new Run(SchemeMode.Observe, TimeSpan.Zero, "a", "b");
                run.Add(1, "a c");
                run.Add(2, null);
                foreach (var (order, count, first, second) in plans)
                {
                    string[] names = [.. order.Take(count)];
                    run.Session.Commit(run.Plan(names)).Should().BeEmpty();
                    string[] one = [.. "abcd".Where((_, i) => (first >> i & 1) == 1).Select(c => c.ToString())];
                    string[] two = [.. "abcd".Where((_, i) => (second >> i & 1) == 1).Select(c => c.ToString())];
                    run.Session.ServeTarget(1, one);
                    run.Session.ServeTarget(2, two);
                    run.Aggregate(2);
                    foreach (var scheme in run.Session.Schemes)
                    {
                        var served = (one.Contains(scheme.Description.Name) ? 1UL : 0) + (two.Contains(scheme.Description.Name) ? 1UL : 0);
                        scheme.Statistics.MatchedNowBytes.Should().Be(served * Pages * Page);
                        scheme.Statistics.AwayBytes.Should().BeLessThanOrEqualTo(served * Pages * Page);
                    }

                    run.Session.Targets.Select(target => target.IsServed).Should().Equal(one.Intersect(names).Any(), two.Intersect(names).Any());
                }
            },
            iter: 100);

    [Fact]
    public void A_place_where_a_budget_ended_in_a_target_that_is_left_holds_nobody_up()
    {
        using var run = new Run("a") { Quota = new() { PerGroupBytes = 10 * Page, SizeBytes = 15 * Page, Interval = TimeSpan.FromMilliseconds(100) } };
        run.Session.Commit(run.Plan(["a"])).Should().BeEmpty();
        run.Add(1, "a", "pod");
        run.Add(2, "a", "pod");
        run.Aggregate(2);
        run.Session.ServeTarget(1, []);
        var before = run.Memory(2).Applied.Count;

        run.Aggregate(3);

        run.Memory(2).Applied.Count.Should().BeGreaterThan(before);
    }

    [Fact]
    public void A_reported_target_is_acted_on_by_the_schemes_that_serve_it()
    {
        var memories = Enumerable.Range(0, 3).Select(_ => new ScriptedMemory { Ranges = { new AddressRange(0, Pages * Page) } }).ToArray();
        using var session = new ReportedSession(new MonitoringPlan(Intervals, RegionLimits.Default, [Scheme("a", default), Scheme("b", default)]), TimeProvider.System);
        session.AddTarget(0, memories[0], null, ["a"]);
        session.AddTarget(1, memories[1], null, ["b"]);
        session.AddTarget(2, memories[2], null, []);
        for (var i = 0; i < 3; i++)
        {
            session.Report(i, [new Region(0, Pages * Page, Age: 30)]);
        }

        session.Pass(Intervals, Intervals.Aggregation);

        session.Session.Schemes.Select(scheme => scheme.Statistics.MatchedNowBytes).Should().Equal(Pages * Page, Pages * Page);
        session.Session.Schemes.Select(scheme => scheme.TriedInLatestPass().Single().Target).Should().Equal(0, 1);
        memories[2].Applied.Should().BeEmpty();
    }

    // Shares of a budget of 40 pages: of the scheme's own, or of a limit of 20 per group. What two pods of one target each get in a window.
    [Theory]
    [InlineData(0, 1, 40, 0)]
    [InlineData(0, 0.5, 20, 20)]
    [InlineData(0, 0.25, 10, 30)]
    [InlineData(0, 0, 0, 40)]
    [InlineData(20, 1, 20, 20)]
    [InlineData(20, 0.5, 10, 20)]
    [InlineData(20, 0, 0, 20)]
    public void A_share_bounds_what_a_group_uses_of_a_budget_and_leaves_the_rest_to_others(ulong perGroupPages, double share, ulong first, ulong second)
    {
        using var run = new Run("a") { Quota = new() { SizeBytes = 40 * Page, PerGroupBytes = perGroupPages * Page, Interval = TimeSpan.FromHours(1) } };
        run.Session.Commit(run.Plan(["a"])).Should().BeEmpty();
        run.Add(1, "a", "one");
        run.Add(2, "a", "two");
        run.Session.SetBudgetShare("one", share);

        run.Aggregate(3);

        (run.AppliedPages(1), run.AppliedPages(2)).Should().Be((first, second));
    }

    [Fact]
    public void A_share_that_is_whole_again_leaves_no_trace_and_counts_for_targets_that_come_later()
    {
        using var run = new Run("a") { Quota = new() { SizeBytes = 40 * Page, Interval = TimeSpan.FromMilliseconds(100) } };
        run.Session.Commit(run.Plan(["a"])).Should().BeEmpty();
        run.Add(1, "a", "one");
        run.Session.SetBudgetShare("one", 0.5);
        run.Add(2, "a", "one");
        run.Session.Targets[1].BudgetShare.Should().Be(0.5);
        run.Aggregate(1);
        (run.AppliedPages(1) + run.AppliedPages(2)).Should().Be(20);
        run.Session.SetBudgetShare("one", 1);
        run.Aggregate(1);
        (run.AppliedPages(1) + run.AppliedPages(2)).Should().Be(60);
        run.Session.Schemes[0].Window.Groups.Should().BeEmpty();
    }

    [Fact]
    public void A_suspended_scheme_does_nothing_and_keeps_what_it_knows()
    {
        using var run = new Run(SchemeMode.Observe, TimeSpan.Zero, "a");
        run.Add(1, "a");
        run.Aggregate(2);
        var advised = run.Session.Schemes[0].Statistics.AdvisedBytes;
        var away = run.Session.Schemes[0].Statistics.AwayBytes;
        run.Session.Commit(run.Plan(["a"]) with { Schemes = [run.Plan(["a"]).Schemes[0] with { IsSuspended = true }] }).Should().BeEmpty();

        run.Aggregate(5);

        run.Session.Schemes[0].Statistics.AdvisedBytes.Should().Be(advised);
        run.Session.Schemes[0].Statistics.MatchedNowBytes.Should().Be(0);
        run.Session.Schemes[0].Statistics.AwayBytes.Should().Be(away).And.BePositive();
    }

    [Fact]
    public void A_plan_can_be_committed_where_a_sample_interval_is_cut_short_and_nothing_was_counted()
    {
        using var run = new Run("a");
        run.Add(1, "a");
        run.Session.BeginSample();
        run.Session.Invoking(session => session.Commit(run.Plan([]))).Should().Throw<InvalidOperationException>();
        run.Session.AbandonSample();
        run.Session.Commit(run.Plan([])).Should().BeEmpty();
        run.Session.Elapsed.Should().Be(TimeSpan.Zero);
        run.Aggregate(1);
        run.Session.Aggregations.Should().Be(1);
    }

    [Fact]
    public void Of_two_targets_of_one_size_the_one_of_three_times_the_weight_gets_about_three_times_the_regions()
    {
        var plan = new MonitoringPlan(Intervals, new RegionLimits(10, 400), []);
        var random = new RandomSource(1);
        using var session = new MonitoringSession(plan, new AdaptiveRegionPolicy(plan.Limits), random, TimeProvider.System);
        foreach (var id in new[] { 1, 2 })
        {
            var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 1UL << 30) } };
            session.AddTarget(id, memory, memory);
        }

        session.Targets[0].RegionWeight = 3;
        for (var i = 0; i < 200; i++)
        {
            session.BeginSample();
            session.EndSample();
        }

        var counts = session.Targets.Select(target => (double)target.Regions.Count).ToList();
        (counts[0] / counts[1]).Should().BeInRange(2.5, 3.5);
        counts.Sum().Should().BeGreaterThan(200);
    }

    [Fact]
    public void Targets_that_are_taken_in_together_come_to_the_same_regions_as_one_after_another()
    {
        var counts = new List<int>();
        foreach (var gathers in new[] { false, true })
        {
            using var run = new Run("a");
            run.Session.IsGathering = gathers;
            for (var id = 1; id <= 50; id++)
            {
                run.Add(id, "a");
            }

            run.Session.IsGathering = false;
            run.Session.RegionCount.Should().BeInRange(50, RegionLimits.Default.Max);
            run.Aggregate(1);
            counts.Add(run.Session.RegionCount);
        }

        counts[1].Should().BeCloseTo(counts[0], 50);
    }

    private static string[] Names(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static SchemeDescription Scheme(string name, TimeSpan age, SchemeMode mode = SchemeMode.Enforce) =>
        new(name, SchemeAction.Pageout, new() { MaxRate = AccessRate.Never, MinAge = age }) { Mode = mode };

    private sealed class Run : IDisposable
    {
        private readonly Dictionary<int, ScriptedMemory> _memories = [];
        private readonly SchemeMode _mode;
        private readonly TimeSpan _age;

        public Run(params string[] schemes)
            : this(SchemeMode.Enforce, TimeSpan.Zero, schemes)
        {
        }

        public Run(SchemeMode mode, TimeSpan age, params string[] schemes)
        {
            (_mode, _age) = (mode, age);
            var plan = Plan(schemes);
            var random = new RandomSource(1);
            Session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System);
        }

        public SchemeQuota Quota { get; init; } = new();

        public MonitoringSession Session { get; }

        public ScriptedMemory Memory(int id) => _memories[id];

        public MonitoringPlan Plan(IEnumerable<string> schemes) => new(Intervals, RegionLimits.Default, [.. schemes.Select(name => Scheme(name, _age, _mode) with { Quota = Quota })]);

        public ScriptedMemory Add(int id, string? served, string? group = null)
        {
            // Everything stays within reach, whatever was done to it.
            var memory = _memories[id] = new ScriptedMemory { Ranges = { new AddressRange(0, Pages * Page) }, Resident = 1UL << 40 };
            Session.AddTarget(id, memory, memory, group, served is null ? null : Names(served));
            return memory;
        }

        public ulong AppliedPages(int id) => _memories[id].Applied.Aggregate(0UL, (sum, range) => sum + (range.SizeBytes / Page));

        public void Aggregate(int count)
        {
            for (var i = 0; i < count * 20; i++)
            {
                Session.BeginSample();
                Session.EndSample();
            }
        }

        public void Dispose() => Session.Dispose();
    }
}

using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class GoalTests
{
    private const ulong Page = 4096;
    private const ulong MiB = 1UL << 20;

    public static TheoryData<QuotaGoal, ulong> Measured => new()
    {
        { new QuotaGoal(GoalMetric.NodeMemoryUsed, 10_000) { Node = 1 }, 6666 },
        { new QuotaGoal(GoalMetric.NodeMemoryFree, 10_000) { Node = 1 }, 3333 },
        { new QuotaGoal(GoalMetric.NodeCgroupUsed, 10_000) { Node = 1, Cgroup = "/pod" }, 1111 },
        { new QuotaGoal(GoalMetric.NodeCgroupFree, 10_000) { Node = 1, Cgroup = "/pod" }, 8888 },
        { new QuotaGoal(GoalMetric.ActiveMemory, 10_000), 2500 },
        { new QuotaGoal(GoalMetric.InactiveMemory, 10_000), 7500 },
        { new QuotaGoal(GoalMetric.InactiveMemory, 5000), 15_000 },
    };

    [Theory]
    [MemberData(nameof(Measured))]
    public void Each_metric_is_a_share_in_ten_thousandths(QuotaGoal goal, ulong score)
    {
        var machine = new GoalMachine { Machine = new MemoryTotals(100, 50, 60, 10, 30), Nodes = { [1] = new MemoryTotals(9, 3, 3, 0, 0) }, Cgroups = { [("/pod", 1)] = 1 } };
        using var run = new Run(goal, machine);

        run.Windows(1);

        (run.Statistics.GoalScore, run.Statistics.GoalError).Should().Be((score, ""));
    }

    [Theory]
    [InlineData(GoalMetric.NodeMemoryUsed, 0)]
    [InlineData(GoalMetric.NodeMemoryFree, 10_000)]
    [InlineData(GoalMetric.NodeCgroupUsed, 0)]
    [InlineData(GoalMetric.NodeCgroupFree, 10_000)]
    public void A_node_or_control_group_that_is_not_there_has_all_free_and_is_named(GoalMetric metric, ulong score)
    {
        using var run = new Run(new QuotaGoal(metric, 10_000) { Node = 1, Cgroup = "/pod" }, new GoalMachine { Nodes = { [0] = new MemoryTotals(9, 3, 3, 0, 0) } });

        run.Windows(1);

        run.Statistics.GoalScore.Should().Be(score);
        run.Statistics.GoalError.Should().StartWith($"goals[0] {metric}: no node 1; it counts as");
    }

    [Theory]
    [InlineData(GoalMetric.SomeMemoryPressure)]
    [InlineData(GoalMetric.ActiveMemory)]
    [InlineData(GoalMetric.InactiveMemory)]
    [InlineData(GoalMetric.UserInput)]
    public void What_cannot_be_read_neither_grows_nor_ends_a_budget(GoalMetric metric)
    {
        using var run = new Run(new QuotaGoal(metric, 500), new GoalMachine());

        run.Windows(30);

        run.Scheme.EffectiveQuotaBytes.Should().Be(SchemeQuota.DefaultGoalStartBytes);
        run.Statistics.GoalError.Should().StartWith($"goals[0] {metric}: ").And.Contain("just met");
    }

    [Fact]
    public void A_session_without_a_machine_says_that_it_is_missing()
    {
        using var run = new Run(new QuotaGoal(GoalMetric.NodeMemoryUsed, 500) { Node = 0 }, machine: null);

        run.Windows(30);

        run.Scheme.EffectiveQuotaBytes.Should().Be(SchemeQuota.DefaultGoalStartBytes);
        run.Statistics.GoalError.Should().Contain("no machine to read");
    }

    [Fact]
    public void Pressure_is_primed_before_its_first_difference_and_told_per_window()
    {
        var machine = new GoalMachine { Stalled = TimeSpan.FromDays(3) };
        using var run = new Run(new QuotaGoal(GoalMetric.SomeMemoryPressure, 1000), machine);
        run.Windows(1);
        run.Statistics.GoalScore.Should().Be(FeedLoop.Goal, "three days of uptime are no window's pressure");
        run.Statistics.GoalError.Should().BeEmpty();

        machine.Stalled += TimeSpan.FromMicroseconds(1500);
        run.Windows(1);
        run.Statistics.GoalScore.Should().Be(15_000);

        run.Windows(1);
        run.Statistics.GoalScore.Should().Be(0);
    }

    [Fact]
    public void Pressure_over_several_windows_is_shared_out_among_them()
    {
        var state = new QuotaGoalState(new QuotaGoal(GoalMetric.SomeMemoryPressure, 1000));
        var machine = new GoalMachine { Stalled = TimeSpan.Zero };
        GoalReader.Read([state], machine, TimeSpan.Zero, TimeSpan.FromSeconds(1)).Should().BeEmpty();
        machine.Stalled = TimeSpan.FromMicroseconds(5000);

        GoalReader.Read([state], machine, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)).Should().BeEmpty();

        state.Current.Should().Be(500);
    }

    [Fact]
    public void A_clock_of_pressure_that_goes_back_is_no_pressure()
    {
        var state = new QuotaGoalState(new QuotaGoal(GoalMetric.SomeMemoryPressure, 1000));
        var machine = new GoalMachine { Stalled = TimeSpan.MaxValue };
        GoalReader.Read([state], machine, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        machine.Stalled = TimeSpan.Zero;

        GoalReader.Read([state], machine, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        state.Current.Should().Be(0);
    }

    [Fact]
    public void Pressure_is_primed_anew_after_the_goal_was_another_one()
    {
        var pressure = new QuotaGoal(GoalMetric.SomeMemoryPressure, 1000);
        var state = new QuotaGoalState(pressure);
        var machine = new GoalMachine { Stalled = TimeSpan.Zero, Machine = default(MemoryTotals) };
        GoalReader.Read([state], machine, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        state.Update(new QuotaGoal(GoalMetric.ActiveMemory, 1));
        GoalReader.Read([state], machine, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        machine.Stalled = TimeSpan.FromDays(1);
        state.Update(pressure);

        GoalReader.Read([state], machine, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));

        state.Current.Should().BeNull();
    }

    [Fact]
    public void Goals_are_read_once_in_a_window()
    {
        var machine = new GoalMachine { Machine = new MemoryTotals(1, 1, 1, 1, 1) };
        using var run = new Run(new QuotaGoal(GoalMetric.ActiveMemory, 1), machine, TimeSpan.FromSeconds(1), applyInterval: TimeSpan.FromMilliseconds(5));

        run.Windows(30);

        machine.Reads.Should().Be(3, "three seconds have passed");
    }

    [Fact]
    public void Only_a_goal_for_user_input_can_be_fed()
    {
        using var run = new Run(new QuotaGoal(GoalMetric.ActiveMemory, 1), machine: null);

        (run.Scheme.FeedGoal(0, 1), run.Scheme.FeedGoal(1, 1), run.Scheme.FeedGoal(-1, 1)).Should().Be((false, false, false));
    }

    [Fact]
    public void S3_the_size_follows_what_the_user_feeds()
    {
        using var run = new Run(new QuotaGoal(GoalMetric.UserInput, 10_000) { Current = 0 }, machine: null);
        var trend = new List<int>();
        foreach (var fed in new ulong[] { 0, 15_000, 5000, 18_000 })
        {
            run.Scheme.FeedGoal(0, fed).Should().BeTrue();
            var before = run.Scheme.EffectiveQuotaBytes;
            for (var i = 0; i < 5; i++)
            {
                run.Windows(1);

                // The first window of all has no size before it.
                trend.Add(before == ulong.MaxValue ? 1 : run.Scheme.EffectiveQuotaBytes.CompareTo(before));
                before = run.Scheme.EffectiveQuotaBytes;
            }
        }

        trend.Should().Equal(1, 1, 1, 1, 1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1);
    }

    [Fact]
    public void A_goal_is_reached_and_held_by_what_the_actions_free()
    {
        // A quarter of the node is to be free. Nothing comes back, so what was freed stays free, and nothing more is done.
        var machine = new GoalMachine();
        using var run = new Run(new QuotaGoal(GoalMetric.NodeMemoryFree, 2500) { Node = 0 }, machine, action: SchemeAction.Pageout, pages: 32_768);
        for (var i = 0; i < 40; i++)
        {
            var free = run.Statistics.AppliedBytes;
            machine.Nodes[0] = new MemoryTotals(128 * MiB, free, free, 0, 0);
            run.Windows(1);
        }

        run.Statistics.AppliedBytes.Should().BeInRange(32 * MiB, 64 * MiB);
    }

    [Fact]
    public void Whatever_a_machine_says_a_goal_is_read() => Gen.Select(Gen.ULong.Array[5], Gen.Int[0, 7], Gen.Long).Sample((n, metric, stalled) =>
    {
        var machine = new GoalMachine
        {
            Machine = new MemoryTotals(n[0], n[1], n[2], n[3], n[4]),
            Nodes = { [0] = new MemoryTotals(n[0], n[1], n[2], n[3], n[4]) },
            Cgroups = { [("/a", 0)] = n[4] },
            Stalled = TimeSpan.FromTicks(stalled & long.MaxValue),
        };
        var state = new QuotaGoalState(new QuotaGoal((GoalMetric)metric, 1) { Node = 0, Cgroup = "/a", Current = 0 });
        GoalReader.Read([state], machine, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        machine.Stalled = TimeSpan.MaxValue;
        GoalReader.Read([state], machine, TimeSpan.FromSeconds(1) + TimeSpan.FromTicks(1), TimeSpan.MaxValue);
        return (GoalMetric)metric is GoalMetric.SomeMemoryPressure or GoalMetric.UserInput || state.Current <= 10_000;
    });

    private sealed class Run : IDisposable
    {
        private readonly MonitoringSession _session;
        private readonly ScriptedMemory _memory;

        public Run(
            QuotaGoal goal, ISystemMemory? machine, TimeSpan? interval = null, TimeSpan applyInterval = default, SchemeAction action = SchemeAction.Stat, ulong pages = 64)
        {
            _memory = new ScriptedMemory { Ranges = { new AddressRange(0, pages * Page) } };
            var scheme = new SchemeDescription("s", action, new AccessPattern())
            {
                Mode = SchemeMode.Enforce,
                ApplyInterval = applyInterval,
                Quota = new SchemeQuota { Interval = interval ?? TimeSpan.FromMilliseconds(100), Goals = [goal] },
            };
            var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [scheme]);
            var random = new RandomSource(1);
            _session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System, machine: machine);
            _session.AddTarget(1, _memory, _memory);
        }

        public SchemeRun Scheme => _session.Schemes[0];

        public SchemeStatistics Statistics => Scheme.Statistics;

        public void Windows(int aggregations)
        {
            for (var i = 0; i < aggregations; i++)
            {
                MonitoringSessionTests.Aggregate(_session);
            }
        }

        public void Dispose() => _session.Dispose();
    }
}

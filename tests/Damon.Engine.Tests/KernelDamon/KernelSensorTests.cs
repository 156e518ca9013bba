using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

public class KernelSensorTests
{
    private const ulong MiB = 1 << 20;
    private const int StandIn = 2;

    [Fact]
    public void Every_process_has_a_place_and_a_query_of_its_own_that_changes_nothing()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43);

        var report = world.Sense(42, 43);

        report.State.Should().Be(SensorState.Sensing);
        report.KdamondPid.Should().BePositive();
        var context = world.Kdamond.Context!;
        context.Targets.Select(target => target.Pid).Should().Equal(42, 43);
        context.Schemes.Should().OnlyContain(scheme => scheme.Action == SchemeAction.Stat && scheme.Quota == null && scheme.ApplyInterval == TimeSpan.Zero);
        context.Schemes.Select(scheme => scheme.Filters.Single()).Should().Equal(
            new SchemeFilter(SchemeFilterType.Target, Matching: false, Allow: false) { TargetId = 0 },
            new SchemeFilter(SchemeFilterType.Target, Matching: false, Allow: false) { TargetId = 1 });
    }

    [Fact]
    public void Regions_come_to_the_process_that_they_belong_to()
    {
        using var world = new World();
        world.Process(42, start: 64 * MiB);
        world.Process(43, start: 512 * MiB);
        _ = world.Sense(42, 43);

        var report = world.Read(42, 43);

        report.HasRegions.Should().BeTrue();
        world.Of(report, 42).Regions!.Should().NotBeEmpty().And.OnlyContain(region => region.End <= 512 * MiB);
        world.Of(report, 43).Regions!.Should().NotBeEmpty().And.OnlyContain(region => region.Start >= 512 * MiB);
    }

    [Fact]
    public void What_is_in_force_is_not_written_again()
    {
        using var world = new World();
        world.Process(42);
        for (var round = 0; round < 5; round++)
        {
            _ = world.Read(42);
        }

        world.Kdamond.Contexts.Should().ContainSingle();
    }

    [Fact]
    public void Limits_are_for_each_group_of_processes()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43);
        world.Process(44);

        _ = world.Sensor.Sense(world.Request([Of(42, "a"), Of(43, "a"), Of(44, "b")]));

        world.Kdamond.Context!.Limits.Should().Be(new RegionLimits(20, 2000));
    }

    [Fact]
    public void All_processes_together_have_at_most_as_many_regions_as_can_be_read_and_that_is_said_once()
    {
        using var world = new World();
        var pids = Enumerable.Range(100, 11).ToArray();
        foreach (var pid in pids)
        {
            world.Process(pid);
        }

        var first = world.Sense(pids);
        var second = world.Sense(pids);

        world.Kdamond.Context!.Limits.Max.Should().Be(KernelSensor.MaxRegions);
        first.Notices.Should().ContainSingle().Which.Should().Contain("10000");
        second.Notices.Should().BeEmpty();
    }

    [Fact]
    public void A_process_that_comes_later_is_committed_with_its_ranges_and_the_others_keep_what_was_learned()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Read(42);
        world.Process(43, start: 512 * MiB);

        var report = world.Read(42, 43);

        world.Kdamond.Starts.Should().Be(1);
        report.Epoch.Should().Be(0);
        var targets = world.Kdamond.Context!.Targets;
        targets[0].Ranges.Should().BeEmpty("the kernel keeps the regions of a target that is committed without any");
        targets[1].Ranges.Should().HaveCount(10, "it begins with as many regions as there must be at least");
        targets[1].Ranges.Zip(targets[1].Ranges.Skip(1)).Should().OnlyContain(pair => pair.First.End == pair.Second.Start);
        (targets[1].Ranges[0].Start, targets[1].Ranges[^1].End).Should().Be((512 * MiB, 576 * MiB));
    }

    [Fact]
    public void The_kernel_is_told_where_a_process_has_memory_and_nothing_of_the_gaps_between()
    {
        using var world = new World();
        var process = world.Process(42);
        process.Map(new FakeMapping(64 * MiB, 128 * MiB), new FakeMapping(1UL << 40, (1UL << 40) + (64 * MiB)));

        _ = world.Read(42);

        var ranges = world.Kdamond.Contexts[0].Targets[0].Ranges;
        world.Kdamond.Contexts[0].Operations.Should().Be(KernelOperations.Fvaddr);
        ranges.Aggregate(0UL, (sum, range) => sum + range.SizeBytes).Should().Be(128 * MiB);
    }

    [Fact]
    public void Memory_that_a_process_maps_later_is_told_to_the_kernel_and_what_it_keeps_keeps_what_was_learned()
    {
        using var world = new World();
        var process = world.Process(42);
        _ = world.Read(42);
        process.Map(new FakeMapping(64 * MiB, 128 * MiB), new FakeMapping(256 * MiB, 320 * MiB));

        var report = world.Read(42);

        world.Kdamond.Contexts[^1].Targets[0].Ranges.Should().Equal(new AddressRange(64 * MiB, 128 * MiB), new AddressRange(256 * MiB, 320 * MiB));
        (report.Epoch, world.Kdamond.Starts).Should().Be((0, 1));
        _ = world.Read(42);
        world.Kdamond.Contexts.Should().HaveCount(2, "mappings that stay as they are need no commit");
    }

    [Fact]
    public void Mappings_are_read_again_less_and_less_often_up_to_the_update_interval()
    {
        using var world = new World();
        var process = world.Process(42);
        _ = world.Sense(42);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        _ = world.Sense(42);
        process.Map(new FakeMapping(64 * MiB, 96 * MiB));

        world.Clock.Advance(TimeSpan.FromSeconds(1.5));
        _ = world.Sense(42);
        world.Kdamond.Contexts.Should().HaveCount(1);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        _ = world.Sense(42);

        world.Kdamond.Contexts.Should().HaveCount(2);
    }

    [Fact]
    public void A_process_that_has_ended_leaves_its_place_to_a_stand_in_and_then_to_another()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43);
        _ = world.Read(42, 43);

        world.Exit(42);
        var report = world.Read(42, 43);

        report.Ended.Select(sensed => sensed.Process.Pid).Should().Equal(42);
        report.Targets.Select(target => target.Process.Pid).Should().Equal(43);
        world.Kdamond.Context!.Targets.Select(target => target.Pid).Should().Equal(StandIn, 43);
        world.Kdamond.Context.Schemes[0].Should().Be(KernelScheme.Inert);

        world.Process(44);
        report = world.Read(43, 44);

        world.Kdamond.Context.Targets.Select(target => target.Pid).Should().Equal(44, 43);
        report.Targets.Select(target => target.Process.Pid).Should().BeEquivalentTo([43, 44]);
        world.Kdamond.Starts.Should().Be(1);
    }

    [Fact]
    public void A_place_is_never_given_on_before_the_kernel_has_let_go_of_its_process()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43);
        _ = world.Read(42, 43);
        world.Process(44);

        world.Exit(42);
        _ = world.Read(43, 44);

        world.Kdamond.Context!.Targets.Select(target => target.Pid).Should().Equal(StandIn, 43, 44);
    }

    [Fact]
    public void A_process_that_vanishes_right_before_a_commit_is_left_out_and_the_commit_is_repeated()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Read(42);
        world.Process(43);
        world.Process(44);
        world.Kdamond.OnPut = () =>
        {
            world.Exit(43);
            world.Kdamond.OnPut = null;
        };

        var report = world.Read(42, 43, 44);

        report.Targets.Select(target => target.Process.Pid).Should().BeEquivalentTo([42, 44]);
        report.Ended.Select(sensed => sensed.Process.Pid).Should().Equal(43);
        report.HasRegions.Should().BeTrue();
        report.Notices.Should().BeEmpty();
    }

    [Fact]
    public void A_pid_that_another_process_gets_while_it_is_committed_is_taken_out_again()
    {
        using var world = new World();
        var process = world.Process(42);
        world.Process(43);
        world.Kdamond.OnPut = () =>
        {
            process.BeReplaced(9999);
            world.Kdamond.OnPut = null;
        };

        var report = world.Sense(42, 43);

        world.Kdamond.Contexts.Should().HaveCount(2);
        world.Kdamond.Context!.Targets.Select(target => target.Pid).Should().Equal(StandIn, 43);
        report.Targets.Select(target => target.Process.Pid).Should().Equal(43);
    }

    [Fact]
    public void A_process_that_runs_another_program_begins_anew_in_another_place_when_it_has_settled()
    {
        using var world = new World();
        var process = world.Process(42);
        world.Process(43);
        var before = world.Of(world.Sense(42, 43), 42);

        process.Exec();
        world.Sense(42, 43).Targets.Select(target => target.Process.Pid).Should().Equal(43);
        world.Clock.Advance(TimeSpan.FromMilliseconds(499));
        world.Sense(42, 43).Targets.Select(target => target.Process.Pid).Should().Equal(43);
        world.Clock.Advance(TimeSpan.FromMilliseconds(1));

        var after = world.Of(world.Sense(42, 43), 42);

        after.Generation.Should().NotBe(before.Generation);
        after.Process.Should().Be(before.Process);
    }

    [Fact]
    public void A_process_that_has_just_started_waits_until_its_mappings_have_settled()
    {
        using var world = new World();
        world.Process(42, startTimeTicks: World.UptimeTicks - 49);
        world.Process(43, startTimeTicks: World.UptimeTicks - 50);

        world.Sense(42, 43).Targets.Select(target => target.Process.Pid).Should().Equal(43);
        world.Clock.Advance(TimeSpan.FromMilliseconds(500));

        world.Sense(42, 43).Targets.Select(target => target.Process.Pid).Should().Equal(43, 42);
    }

    [Fact]
    public void When_the_last_process_has_ended_nothing_is_wrong_and_a_new_one_starts_it_again()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Read(42);

        world.Exit(42);
        var idle = world.Read(42);
        world.Process(43);
        var again = world.Read(43);

        (idle.State, idle.KdamondPid, idle.Message).Should().Be((SensorState.Idle, -1, ""));
        (again.State, again.Notices.Count, world.Kdamond.Starts).Should().Be((SensorState.Sensing, 0, 2));
        again.Epoch.Should().BeGreaterThan(idle.Epoch - 1);
    }

    [Fact]
    public void Without_processes_the_kdamond_is_turned_off()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Read(42);

        world.Sense().State.Should().Be(SensorState.Idle);

        world.Kdamond.IsOn.Should().BeFalse();
    }

    [Fact]
    public void A_kdamond_that_somebody_turned_off_is_started_again_after_a_while_and_what_was_lost_is_said()
    {
        using var world = new World();
        world.Process(42);
        var before = world.Read(42);

        world.Kdamond.TurnOff();
        var waiting = world.Read(42);

        waiting.State.Should().Be(SensorState.Waiting);
        waiting.Notices.Should().ContainSingle().Which.Should().Contain("turned it off").And.Contain("lost");
        waiting.Epoch.Should().NotBe(before.Epoch);
        waiting.Targets.Should().BeEmpty();
        world.Kdamond.Starts.Should().Be(1);

        world.Clock.Advance(TimeSpan.FromSeconds(1));

        world.Read(42).State.Should().Be(SensorState.Sensing);
        world.Kdamond.Starts.Should().Be(2);
    }

    [Fact]
    public void A_kdamond_that_does_not_stay_on_is_given_up_in_the_end()
    {
        using var world = new World();
        world.Process(42);
        var waits = new List<int>();
        var report = world.Sense(42);
        while (report.State != SensorState.Lost && waits.Count < 100)
        {
            world.Kdamond.TurnOff();
            report = world.Sense(42);
            var seconds = 0;
            while (report.State == SensorState.Waiting)
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                seconds++;
                report = world.Sense(42);
            }

            waits.Add(seconds);
        }

        waits.Should().Equal(1, 2, 4, 8, 16, 0);
        report.Message.Should().Contain("6 times");
        world.Sense(42).State.Should().Be(SensorState.Lost);
    }

    [Fact]
    public void A_failure_of_long_ago_does_not_count()
    {
        using var world = new World();
        world.Process(42);
        for (var failure = 0; failure < 20; failure++)
        {
            world.Sense(42).State.Should().Be(SensorState.Sensing);
            world.Kdamond.TurnOff();
            world.Sense(42).State.Should().Be(SensorState.Waiting);
            world.Clock.Advance(TimeSpan.FromMinutes(10));
        }
    }

    [Theory]
    [InlineData(KernelOutcomeKind.Overwritten)]
    [InlineData(KernelOutcomeKind.Denied)]
    [InlineData(KernelOutcomeKind.Unsupported)]
    [InlineData(KernelOutcomeKind.Vanished)]
    public void What_trying_again_does_not_help_ends_it_at_once(KernelOutcomeKind kind)
    {
        using var world = new World();
        world.Process(42);
        world.Kdamond.Outcomes.Enqueue(new KernelOutcome(kind, "because"));

        var report = world.Sense(42);

        (report.State, report.Message).Should().Be((SensorState.Lost, "because"));
    }

    [Fact]
    public void When_the_kdamond_cannot_be_looked_at_any_more_it_is_let_go()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Sense(42);
        world.Kdamond.StateError = new HostError(HostErrorKind.Vanished, "kdamonds/0/state", "somebody else has written nr_kdamonds");

        var report = world.Sense(42);

        report.State.Should().Be(SensorState.Lost);
        report.Message.Should().Contain("nr_kdamonds");
    }

    [Fact]
    public void A_lock_that_somebody_holds_loses_nothing()
    {
        using var world = new World();
        world.Process(42);
        var before = world.Sense(42);
        world.Kdamond.StateError = new HostError(HostErrorKind.Busy, "kdamonds/0/state");
        world.Read(42).HasRegions.Should().BeFalse();
        world.Kdamond.StateError = null;

        var report = world.Read(42);

        (report.HasRegions, report.Epoch).Should().Be((true, before.Epoch));
    }

    [Fact]
    public void A_change_that_the_kernel_refuses_does_not_blind_what_is_in_force()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Sense(42);
        world.Process(43);
        world.Kdamond.Outcomes.Enqueue(new KernelOutcome(KernelOutcomeKind.Refused, "EINVAL"));

        var report = world.Read(42, 43);

        report.Targets.Select(target => target.Process.Pid).Should().Equal(42);
        report.HasRegions.Should().BeTrue();
        report.Notices.Should().ContainSingle().Which.Should().Contain("EINVAL");

        world.Clock.Advance(TimeSpan.FromSeconds(1));
        world.Read(42, 43).Targets.Should().HaveCount(2);
    }

    [Fact]
    public void Tuned_intervals_are_followed_and_the_query_speaks_of_the_same_time()
    {
        using var world = new World { Plan = World.DefaultPlan with { IntervalsGoal = new IntervalsGoal() } };
        world.Process(42);
        _ = world.Read(42);
        world.Kdamond.Context!.Schemes[0].Pattern.MinAge.Should().Be(20);
        var tuned = World.DefaultPlan.Intervals.WithSample(TimeSpan.FromMilliseconds(20));

        world.Kdamond.Tune(tuned);
        var report = world.Read(42);

        report.Intervals.Should().Be(tuned);
        world.Kdamond.Context.Intervals.Should().Be(tuned, "what is committed becomes the base of the kernel's tuning");
        world.Kdamond.Context.Schemes[0].Pattern.MinAge.Should().Be(5);
        world.Kdamond.Starts.Should().Be(1);
    }

    [Fact]
    public void Counts_whose_unit_has_changed_while_they_were_read_are_not_used()
    {
        using var world = new World { Plan = World.DefaultPlan with { IntervalsGoal = new IntervalsGoal() } };
        world.Process(42);
        _ = world.Sense(42);
        world.Kdamond.OnRead = () =>
        {
            world.Kdamond.Tune(World.DefaultPlan.Intervals.WithSample(TimeSpan.FromMilliseconds(10)));
            world.Kdamond.OnRead = null;
        };

        world.Read(42).HasRegions.Should().BeFalse();
        world.Read(42).HasRegions.Should().BeTrue();
    }

    [Fact]
    public void The_kernel_tunes_up_to_a_quarter_of_the_shortest_age_and_only_where_it_can()
    {
        using var world = new World { Plan = World.DefaultPlan with { IntervalsGoal = new IntervalsGoal() } };
        world.Process(42);
        _ = world.Sense(42);
        world.Kdamond.Context!.IntervalsGoal!.MaxSample.Should().Be(TimeSpan.FromMilliseconds(25));

        using var old = new World { Plan = world.Plan };
        old.Kdamond.Features = old.Kdamond.Features with { HasIntervalsGoal = false };
        old.Process(42);

        old.Sense(42).Notices.Should().ContainSingle().Which.Should().Contain("does not tune");
        old.Kdamond.Context!.IntervalsGoal.Should().BeNull();
    }

    [Fact]
    public void A_kdamond_that_ended_over_a_commit_is_started_again_at_once_and_blamed_on_nobody()
    {
        using var world = new World();
        world.Process(42);
        var before = world.Sense(42);
        world.Process(43);
        world.Kdamond.Outcomes.Enqueue(new KernelOutcome(KernelOutcomeKind.TargetVanished, "process 44 is gone; the kdamond has ended over it"));
        world.Kdamond.OnPut = () =>
        {
            world.Kdamond.OnPut = null;
            world.Kdamond.TurnOff();
        };

        var report = world.Sense(42, 43);

        (report.State, world.Kdamond.Starts, report.Targets.Count).Should().Be((SensorState.Sensing, 2, 2));
        report.Epoch.Should().NotBe(before.Epoch);
        report.Notices.Should().ContainSingle().Which.Should().Contain("a process ended while").And.NotContain("somebody");
    }

    [Fact]
    public void Files_that_somebody_else_has_changed_end_it_with_their_name()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Read(42);
        world.Kdamond.Verification = new KernelOutcome(KernelOutcomeKind.Overwritten, "monitoring_attrs/intervals/sample_us holds '1'");

        var report = world.Read(42);

        (report.State, report.HasRegions).Should().Be((SensorState.Lost, false));
        report.Notices.Should().ContainSingle().Which.Should().Contain("sample_us holds '1'");
        world.Kdamond.IsOn.Should().BeFalse();
    }

    [Fact]
    public void Being_locked_out_is_told_once_after_a_while_and_so_is_its_end()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Read(42);
        world.Kdamond.Verification = new KernelOutcome(KernelOutcomeKind.Busy, "kdamonds/0/state stayed locked");

        world.Read(42).Notices.Should().BeEmpty("others may read too");
        world.Read(42).Notices.Should().ContainSingle().Which.Should().Contain("no answer for 3 s").And.Contain("stayed locked");
        var third = world.Read(42);
        (third.Notices.Count, third.State, third.HasRegions).Should().Be((0, SensorState.Sensing, false));

        world.Kdamond.Verification = KernelOutcome.Done;
        world.Read(42).Notices.Should().ContainSingle().Which.Should().Contain("answers again");
        world.Kdamond.Starts.Should().Be(1);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(50, 0)]
    [InlineData(51, 1)]
    [InlineData(500, 1)]
    public void Nobody_waits_longer_than_a_second_for_an_answer_whatever_the_aggregation(int sampleMilliseconds, int applySeconds)
    {
        using var world = new World { Plan = World.DefaultPlan with { Intervals = MonitoringIntervals.Default.WithSample(TimeSpan.FromMilliseconds(sampleMilliseconds)) } };
        world.Process(42);
        world.Process(43);
        _ = world.Sense(42, 43);
        world.Exit(43);
        _ = world.Sense(42);

        world.Kdamond.Context!.Schemes.Should().HaveCount(2).And.OnlyContain(scheme => scheme.ApplyInterval == TimeSpan.FromSeconds(applySeconds));
    }

    [Fact]
    public void That_the_kdamond_has_ended_with_its_last_process_is_told()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Read(42);
        world.Exit(42);

        var report = world.Read(42);

        (report.State, report.KdamondPid).Should().Be((SensorState.Idle, -1));
        report.Notices.Should().ContainSingle().Which.Should().Contain("the last of the processes");
    }

    [Fact]
    public void A_kernel_that_cannot_tell_targets_apart_is_not_used()
    {
        using var world = new World();
        world.Kdamond.Features = world.Kdamond.Features with { Filters = new HashSet<SchemeFilterType>() };
        world.Process(42);

        world.Sense(42).State.Should().Be(SensorState.Lost);
        world.Kdamond.Contexts.Should().BeEmpty();
    }

    [Fact]
    public void Everything_is_asked_for_where_everything_is_wanted()
    {
        using var world = new World();
        world.Process(42);

        _ = world.Sensor.Sense(world.Request([Of(42, "a")]) with { AllRegions = true });

        world.Kdamond.Context!.Schemes[0].Pattern.Should().Be(KernelPattern.Everything);
    }

    [Fact]
    public void It_is_off_when_it_is_stopped()
    {
        using var world = new World();
        world.Process(42);
        _ = world.Sense(42);

        world.Sensor.Stop().IsDone.Should().BeTrue();

        world.Kdamond.IsOn.Should().BeFalse();
    }

    private static SensedProcess Of(int pid, string group) => new(new ProcessIdentity(pid, 1000), group);

    private sealed class World : IDisposable
    {
        public const ulong UptimeTicks = 500_000;

        private readonly Dictionary<int, FakeProcess> _processes = [];

        public World()
        {
            Kdamond = new SensingKdamond(Clock);
            Host.Write("/proc/uptime", "5000.00 1.00\n");
            Sensor = new KernelSensor(Host.Root, Kdamond, Clock);
        }

        public static MonitoringPlan DefaultPlan { get; } = new(
            MonitoringIntervals.Default,
            RegionLimits.Default,
            [new SchemeDescription("cold", SchemeAction.Stat, new AccessPattern { MaxRate = AccessRate.FromPercent(100), MinAge = TimeSpan.FromSeconds(2) })]);

        public MonitoringPlan Plan { get; init; } = DefaultPlan;

        public VirtualTime Clock { get; } = new();

        public FakeHost Host { get; } = new();

        public SensingKdamond Kdamond { get; }

        public KernelSensor Sensor { get; }

        public FakeProcess Process(int pid, ulong start = 64 * MiB, ulong startTimeTicks = 1000)
        {
            var range = new AddressRange(start, start + (64 * MiB));
            Kdamond.Process(pid, new SimulatedMemory([range], 0, new RandomSource((ulong)pid)));
            return _processes[pid] = Host.Process(pid, startTimeTicks: startTimeTicks, mappings: new FakeMapping(range.Start, range.End));
        }

        public void Exit(int pid)
        {
            _processes[pid].Vanish();
            Kdamond.End(pid);
        }

        public SensorRequest Request(IReadOnlyList<SensedProcess> processes) => new(Plan, processes);

        public SensorReport Sense(params int[] pids) => Sensor.Sense(Request([.. pids.Select(Sensed)]));

        /// <summary>Long enough after the one before that everything has an age.</summary>
        public SensorReport Read(params int[] pids)
        {
            Clock.Advance(TimeSpan.FromSeconds(3));
            return Sensor.Sense(Request([.. pids.Select(Sensed)]) with { ReadRegions = true });
        }

        public SensedTarget Of(SensorReport report, int pid) => report.Targets.Single(target => target.Process.Pid == pid);

        public void Dispose() => Host.Dispose();

        private SensedProcess Sensed(int pid) => new(_processes[pid].Identity, $"pid {pid}");
    }
}

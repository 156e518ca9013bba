using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Standalone;

public class SensedTargetsTests
{
    private static readonly ProcessIdentity Process = new(42, 1000);

    [Fact]
    public void A_target_is_opened_once_and_stays_as_long_as_it_is_the_same_program_in_the_same_process()
    {
        var world = new World();

        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, null));
        var target = world.Session.Session.Targets.Should().ContainSingle().Subject;
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, null));

        world.Session.Session.Targets.Should().Equal(target);
        world.Opened.Should().Equal((Process, 1));
        world.Ended.Should().BeEmpty();
    }

    // The same pid, by identity and generation, and what becomes of the target that had it.
    [Theory]
    [InlineData(1000UL, 2)]
    [InlineData(2000UL, 2)]
    [InlineData(2000UL, 1)]
    public void Another_program_or_another_process_under_the_same_pid_ends_the_target_and_is_opened_anew(ulong startTimeTicks, int generation)
    {
        var world = new World();
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, null));
        var target = world.Session.Session.Targets[0];

        var next = new ProcessIdentity(42, startTimeTicks);
        world.Follow(epoch: 0, new SensedTarget(next, "a", generation, null));

        target.Should().Match<SessionTarget>(one => one.State == TargetState.Gone && one.Reason == "process 42: it runs another program now");
        world.Session.Session.Targets.Should().ContainSingle().Which.Should().NotBeSameAs(target);
        world.Opened.Should().Equal((Process, 1), (next, generation));
        world.Ended.Should().Equal(42);
    }

    [Fact]
    public void Only_the_process_that_is_in_the_session_can_be_ended()
    {
        var world = new World();
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, null));

        world.Targets.End(new ProcessIdentity(42, 2000), TargetState.Removed, "another one");
        world.Targets.End(new ProcessIdentity(43, 1000), TargetState.Removed, "another one");
        world.Session.Session.Targets.Should().ContainSingle();
        world.Ended.Should().BeEmpty();

        world.Targets.End(Process, TargetState.Removed, "it left");
        world.Targets.End(Process, TargetState.Removed, "it left");
        world.Session.Session.EndedTargets.Should().Equal(new EndedTarget(42, TargetState.Removed, "it left", 0));
        world.Ended.Should().Equal(42);
    }

    [Fact]
    public void What_is_not_let_in_is_asked_for_again_and_its_regions_go_nowhere()
    {
        var world = new World { IsOpen = false };
        Region[] regions = [new(0, 4096, Age: 3)];

        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, regions));
        world.Session.Session.Targets.Should().BeEmpty();
        world.IsOpen = true;
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, regions));

        world.Opened.Should().Equal((Process, 1), (Process, 1));
        world.Session.Session.Targets.Should().ContainSingle().Which.Regions.TotalBytes.Should().Be(4096);
    }

    [Fact]
    public void A_process_that_has_exited_ends_with_its_reason()
    {
        var world = new World();
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, null));

        world.Targets.Follow(World.Report(epoch: 0, [new SensedProcess(Process, "a")], []));

        world.Session.Session.EndedTargets.Should().Equal(new EndedTarget(42, TargetState.Gone, "process 42: the process has exited", 0));
    }

    [Fact]
    public void When_the_kernel_begins_anew_the_targets_stay_and_what_was_known_of_them_does_not()
    {
        var world = new World();
        Region[] regions = [new(0, 4096, Age: 3)];
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, regions));
        var target = world.Session.Session.Targets[0];
        target.Regions.Count.Should().Be(1);

        world.Follow(epoch: 1, new SensedTarget(Process, "a", 1, null));

        world.Targets.Epoch.Should().Be(1);
        world.Session.Session.Targets.Should().Equal(target);
        target.Regions.Count.Should().Be(0);
    }

    [Fact]
    public void Time_passes_from_one_report_of_regions_to_the_next_and_not_with_those_that_have_none()
    {
        var world = new World();
        Region[] regions = [new(0, 4096, Age: 3)];
        world.Time.Advance(TimeSpan.FromHours(1));
        world.Targets.Begin();

        world.Time.Advance(TimeSpan.FromSeconds(2));
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, null));
        world.Session.Session.Elapsed.Should().Be(TimeSpan.Zero);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, regions));
        world.Session.Session.Elapsed.Should().Be(TimeSpan.FromSeconds(3));
        world.Time.Advance(TimeSpan.FromSeconds(4));
        world.Follow(epoch: 0, new SensedTarget(Process, "a", 1, regions));
        world.Session.Session.Elapsed.Should().Be(TimeSpan.FromSeconds(7));
    }

    private sealed class World
    {
        public World()
        {
            var watch = new SchemeDescription("watch", SchemeAction.Stat, new AccessPattern());
            Session = new ReportedSession(new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [watch]), Time);
            Targets = new SensedTargets(Session, Time, Open, Ended.Add);
        }

        public VirtualTime Time { get; } = new();

        public ReportedSession Session { get; }

        public SensedTargets Targets { get; }

        public bool IsOpen { get; set; } = true;

        public List<(ProcessIdentity Process, int Generation)> Opened { get; } = [];

        public List<int> Ended { get; } = [];

        public static SensorReport Report(int epoch, IReadOnlyList<SensedProcess> ended, IReadOnlyList<SensedTarget> targets) => new()
        {
            State = SensorState.Sensing,
            Message = "",
            Intervals = MonitoringIntervals.Default,
            KdamondPid = 4001,
            Epoch = epoch,
            Targets = targets,
            Ended = ended,
            Notices = [],
            HasRegions = targets.Any(target => target.Regions is not null),
            CpuTime = TimeSpan.Zero,
            KdamondCpuTime = TimeSpan.Zero,
        };

        public void Follow(int epoch, params SensedTarget[] targets)
        {
            var report = Report(epoch, [], targets);
            Targets.Follow(report);
            Targets.Pass(report);
        }

        private bool Open(SensedTarget sensed)
        {
            Opened.Add((sensed.Process, sensed.Generation));
            if (IsOpen)
            {
                Session.AddTarget(sensed.Process.Pid, new ScriptedMemory(), sensed.Group);
            }

            return IsOpen;
        }
    }
}

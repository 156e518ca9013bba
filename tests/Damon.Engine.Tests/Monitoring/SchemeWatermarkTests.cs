using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class SchemeWatermarkTests
{
    private const ulong Page = FakeProcess.PageBytes;

    private static readonly SchemeWatermarks Marks = new() { Metric = WatermarkMetric.AvailableMemory, Interval = TimeSpan.FromMilliseconds(100), High = 500, Mid = 400, Low = 200 };

    [Fact]
    public void B11_a_scheme_acts_only_while_its_watermarks_let_it()
    {
        using var run = new Fixture(Marks);
        (int Available, SchemeState State)[] steps =
        [
            (501, SchemeState.Resting), (450, SchemeState.Resting), (399, SchemeState.Active), (450, SchemeState.Active), (500, SchemeState.Active), (199, SchemeState.Resting), (200, SchemeState.Active),
        ];
        foreach (var (available, state) in steps)
        {
            run.Machine.Totals = new MemoryTotals(1000, FreeBytes: 300, AvailableBytes: (ulong)available, 0, 0);
            run.Memory.Applied.Clear();
            MonitoringSessionTests.Aggregate(run.Session);
            run.Scheme.State.Should().Be(state, "at {0}", available);
            (run.Memory.Applied.Count > 0).Should().Be(state == SchemeState.Active, "at {0}", available);
        }
    }

    [Theory]
    [InlineData(WatermarkMetric.FreeMemory, SchemeState.Resting)]
    [InlineData(WatermarkMetric.AvailableMemory, SchemeState.Active)]
    [InlineData(WatermarkMetric.None, SchemeState.Active)]
    public void Free_and_available_memory_are_told_apart(WatermarkMetric metric, SchemeState state)
    {
        using var run = new Fixture(Marks with { Metric = metric });
        run.Machine.Totals = new MemoryTotals(1000, FreeBytes: 100, AvailableBytes: 300, 0, 0);

        MonitoringSessionTests.Aggregate(run.Session);

        run.Scheme.State.Should().Be(state);
        run.Machine.Reads.Should().Be(metric == WatermarkMetric.None ? 0 : 1);
    }

    [Fact]
    public void Looking_goes_on_while_a_scheme_rests()
    {
        using var run = new Fixture(Marks);
        run.Machine.Totals = new MemoryTotals(1000, 900, 900, 0, 0);
        for (var i = 0; i < 5; i++)
        {
            MonitoringSessionTests.Aggregate(run.Session);
        }

        run.Session.Targets[0].Regions.Ages.ToArray().Should().OnlyContain(age => age == 5);
        run.Memory.Applied.Should().BeEmpty();
    }

    [Theory]
    [InlineData(600, "AvailableMemory is 60.0%, above the high mark 50.0%")]
    [InlineData(123, "AvailableMemory is 12.3%, below the low mark 20.0%")]
    [InlineData(300, "")]
    public void Why_a_scheme_rests_is_told(int available, string reason)
    {
        using var run = new Fixture(Marks);
        run.Machine.Totals = new MemoryTotals(1000, 0, (ulong)available, 0, 0);
        MonitoringSessionTests.Aggregate(run.Session);
        run.Scheme.RestReason.Should().Be(reason);
    }

    [Fact]
    public void A_machine_that_cannot_be_read_makes_a_scheme_rest_and_is_named()
    {
        using var run = new Fixture(Marks);
        MonitoringSessionTests.Aggregate(run.Session);
        run.Scheme.State.Should().Be(SchemeState.Active);

        run.Machine.LastError = "/proc/meminfo: Denied";
        run.Machine.Totals = null;
        MonitoringSessionTests.Aggregate(run.Session);
        (run.Scheme.State, run.Scheme.RestReason).Should().Be((SchemeState.Resting, "AvailableMemory cannot be read: /proc/meminfo: Denied"));

        // Between mid and high: it goes on as it was before, because it was not the memory that made it rest.
        run.Machine.Totals = new MemoryTotals(1000, 450, 450, 0, 0);
        MonitoringSessionTests.Aggregate(run.Session);
        (run.Scheme.State, run.Scheme.RestReason).Should().Be((SchemeState.Active, ""));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_machine_or_without_memory_in_it_a_scheme_rests(bool hasMachine)
    {
        using var run = new Fixture(Marks, hasMachine);
        run.Machine.Totals = default(MemoryTotals);
        MonitoringSessionTests.Aggregate(run.Session);
        run.Scheme.State.Should().Be(SchemeState.Resting);
        run.Scheme.RestReason.Should().StartWith("AvailableMemory cannot be read: ");
        run.Memory.Applied.Should().BeEmpty();
    }

    [Fact]
    public void The_machine_is_read_once_in_an_interval()
    {
        using var run = new Fixture(Marks with { Interval = TimeSpan.FromMilliseconds(300) });
        for (var i = 0; i < 30; i++)
        {
            MonitoringSessionTests.Aggregate(run.Session);
        }

        run.Machine.Reads.Should().Be(10);
    }

    [Fact]
    public void A_commit_of_other_marks_goes_on_from_the_state_and_looks_at_once()
    {
        using var run = new Fixture(Marks with { Interval = TimeSpan.FromHours(1) });
        run.Machine.Totals = new MemoryTotals(1000, 0, AvailableBytes: 600, 0, 0);
        MonitoringSessionTests.Aggregate(run.Session);
        run.Scheme.State.Should().Be(SchemeState.Resting);

        Commit(Marks with { Interval = TimeSpan.FromHours(1) }).Should().BeEmpty();
        MonitoringSessionTests.Aggregate(run.Session);
        (run.Scheme.State, run.Machine.Reads).Should().Be((SchemeState.Resting, 1));

        // 60 % lies between the new mid and high marks: it stays as it was.
        Commit(Marks with { Interval = TimeSpan.FromHours(1), High = 700 }).Should().BeEmpty();
        MonitoringSessionTests.Aggregate(run.Session);
        (run.Scheme.State, run.Machine.Reads).Should().Be((SchemeState.Resting, 2));

        Commit(Marks with { High = 900, Mid = 800 }).Should().BeEmpty();
        MonitoringSessionTests.Aggregate(run.Session);
        run.Scheme.State.Should().Be(SchemeState.Active);

        Commit(Marks with { Interval = TimeSpan.MaxValue }).Should().ContainSingle().Which.Field.Should().Be("schemes[s].watermarks.interval");

        IReadOnlyList<PlanError> Commit(SchemeWatermarks marks) =>
            run.Session.Commit(run.Session.Plan with { Schemes = [run.Session.Plan.Schemes[0] with { Watermarks = marks }] });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_commit_without_marks_ends_the_rest(bool isReadable)
    {
        using var run = new Fixture(Marks);
        run.Machine.Totals = isReadable ? new MemoryTotals(1000, 0, AvailableBytes: 600, 0, 0) : null;
        MonitoringSessionTests.Aggregate(run.Session);
        run.Scheme.State.Should().Be(SchemeState.Resting);

        run.Session.Commit(run.Session.Plan with { Schemes = [run.Session.Plan.Schemes[0] with { Watermarks = null }] }).Should().BeEmpty();
        (run.Scheme.State, run.Scheme.RestReason).Should().Be((SchemeState.Active, ""));
    }

    private sealed class Fixture : IDisposable
    {
        public Fixture(SchemeWatermarks marks, bool hasMachine = true)
        {
            var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [SchemeTests.Scheme("s") with { Watermarks = marks }]);
            Session = new MonitoringSession(
                plan, new KernelRegionPolicy(plan.Limits, new RandomSource(1)), new RandomSource(1), TimeProvider.System, observer: null, hasMachine ? Machine : null);
            Session.AddTarget(1, Memory, Memory);
        }

        public FakeMachine Machine { get; } = new();

        public ScriptedMemory Memory { get; } = new() { Ranges = { new AddressRange(0, 64 * Page) } };

        public MonitoringSession Session { get; }

        public SchemeRun Scheme => Session.Schemes[0];

        public void Dispose()
        {
            Session.Dispose();
            Memory.Dispose();
        }
    }

    private sealed class FakeMachine : ISystemMemory
    {
        public MemoryTotals? Totals { get; set; } = new MemoryTotals(1000, 300, 300, 0, 0);

        public int Reads { get; private set; }

        public string LastError { get; set; } = "";

        public bool TryReadMachine(out MemoryTotals totals)
        {
            Reads++;
            totals = Totals ?? default;
            return Totals is not null;
        }

        public bool TryReadNode(int node, out MemoryTotals totals) => throw new NotSupportedException();

        public bool TryReadCgroup(string cgroup, int node, out ulong usedBytes) => throw new NotSupportedException();

        public bool TryReadPressure(out TimeSpan someStalled) => throw new NotSupportedException();
    }
}

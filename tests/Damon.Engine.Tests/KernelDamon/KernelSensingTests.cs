using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>The same plan on the same memory: sensed by our own session, or by a kdamond with what it reports carried out by ours.</summary>
public class KernelSensingTests
{
    private const ulong MiB = 1 << 20;
    private const int Pid = 42;

    private static readonly AddressRange Memory = new(64 * MiB, 320 * MiB);

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(SchemeMode.Observe, 0UL)]
    [InlineData(SchemeMode.Enforce, 0UL)]
    [InlineData(SchemeMode.Observe, 4 * MiB)]
    [InlineData(SchemeMode.Enforce, 4 * MiB)]
    public void What_is_done_is_the_same_whoever_senses(SchemeMode mode, ulong budgetBytes)
    {
        var plan = Plan(new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) })
        {
            Mode = mode,
            Quota = new SchemeQuota { SizeBytes = budgetBytes, Interval = TimeSpan.FromSeconds(1) },
        });

        var own = RunOwn(plan);
        var reported = RunReported(plan, TimeSpan.Zero);

        var ownAway = own.Session.Schemes[0].Statistics.AwayBytes;
        reported.Session.Schemes[0].Statistics.AwayBytes.Should().BeInRange(ownAway * 95 / 100, ownAway * 105 / 100).And.BeGreaterThan(80 * MiB);
        reported.Memory.PagedOutBytes.Should().BeInRange(own.Memory.PagedOutBytes * 95 / 100, own.Memory.PagedOutBytes * 105 / 100);
        (reported.Memory.PagedOutBytes > 0).Should().Be(mode == SchemeMode.Enforce);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Reading_less_often_finds_the_same_memory(int seconds)
    {
        var plan = Plan(new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) }));

        var often = RunReported(plan, TimeSpan.Zero);
        var seldom = RunReported(plan, TimeSpan.FromSeconds(seconds));

        seldom.Reads.Should().BeLessThan(often.Reads / 5);
        var away = often.Session.Schemes[0].Statistics.AwayBytes;
        seldom.Session.Schemes[0].Statistics.AwayBytes.Should().BeInRange(away * 95 / 100, away * 105 / 100);
        seldom.Session.Elapsed.Should().BeCloseTo(often.Session.Elapsed, TimeSpan.FromSeconds(seconds + 1));
    }

    [Theory]
    [InlineData(SchemeAction.Stat, 0, 0, 2000)]
    [InlineData(SchemeAction.Stat, 50, 100, 1000)]
    [InlineData(SchemeAction.Stat, 0, 100, 0)]
    public void What_matches_is_the_same_whoever_senses(SchemeAction action, int minPercent, int maxPercent, int minAgeMilliseconds)
    {
        var plan = Plan(new SchemeDescription("match", action, new AccessPattern
        {
            MinRate = AccessRate.FromPercent(minPercent),
            MaxRate = AccessRate.FromPercent(maxPercent),
            MinAge = TimeSpan.FromMilliseconds(minAgeMilliseconds),
        }));

        var own = RunOwn(plan).Session.Schemes[0].Statistics.MatchedNowBytes;
        var reported = RunReported(plan, TimeSpan.Zero).Session.Schemes[0].Statistics.MatchedNowBytes;

        reported.Should().BeInRange(own * 90 / 100, own * 110 / 100).And.BeGreaterThan(MiB);
    }

    private static MonitoringPlan Plan(SchemeDescription scheme) => new(MonitoringIntervals.Default, RegionLimits.Default, [scheme]);

    /// <summary>A quarter of the memory is hot; the rest is never accessed.</summary>
    private static SimulatedMemory NewMemory()
    {
        var border = Memory.Start + (Memory.SizeBytes / 4);
        var memory = new SimulatedMemory([new AddressRange(Memory.Start, border), new AddressRange(border, Memory.End)], 0, new RandomSource(11));
        memory.SetAccess(0, new SimulatedAccess(1e9));
        return memory;
    }

    private static (MonitoringSession Session, SimulatedMemory Memory) RunOwn(MonitoringPlan plan)
    {
        var memory = NewMemory();
        var random = new RandomSource(8);
        var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System);
        session.AddTarget(Pid, memory, memory);
        while (session.Elapsed < Duration)
        {
            session.BeginSample();
            memory.Advance(plan.Intervals.Sample);
            session.EndSample();
        }

        return (session, memory);
    }

    private static (MonitoringSession Session, SimulatedMemory Memory, int Reads) RunReported(MonitoringPlan plan, TimeSpan pause)
    {
        using var host = new FakeHost();
        host.Write("/proc/uptime", "5000.00 1.00\n");
        var process = host.Process(Pid, mappings: new FakeMapping(Memory.Start, Memory.End));
        var clock = new VirtualTime();
        var memory = NewMemory();
        var kdamond = new SensingKdamond(clock).Process(Pid, memory);
        var sensor = new KernelSensor(host.Root, kdamond, clock);
        var session = new ReportedSession(plan, TimeProvider.System);
        var request = new SensorRequest(plan, [new SensedProcess(process.Identity, "app")]) { ReadRegions = true };
        session.AddTarget(Pid, memory);
        var began = clock.GetTimestamp();
        var passed = began;
        while (clock.GetElapsedTime(began) < Duration)
        {
            var report = sensor.Sense(request);
            report.HasRegions.Should().BeTrue();
            session.Report(Pid, [.. report.Targets.Single().Regions!]);
            session.Pass(report.Intervals, clock.GetElapsedTime(passed));
            passed = clock.GetTimestamp();
            clock.Advance(pause);
        }

        return (session.Session, memory, kdamond.Reads);
    }
}

using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;
using Damon.Engine.Simulation;

namespace Damon.Engine.Tests.Recordings;

public class RecordingBoundsTests
{
    [Theory]
    [InlineData(RegionPolicyKind.Kernel)]
    [InlineData(RegionPolicyKind.Adaptive)]
    public void S8_what_a_recording_says_lies_within_the_bounds_of_its_session(RegionPolicyKind kind)
    {
        const ulong Size = 1UL << 32;
        using var stream = new MemoryStream();
        var random = new RandomSource(4);
        using var memory = new SimulatedMemory([new AddressRange(0, Size / 8), new AddressRange(Size / 8, Size)], 0.01, new RandomSource(5));
        memory.SetAccess(0, new SimulatedAccess(20_000_000, 4096));
        var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, []);
        using var session = new MonitoringSession(
            plan, RegionPolicies.Create(kind, plan.Limits, random), random, TimeProvider.System, new SessionRecorder(RecordingSamples.Open(stream, new RecordedSegment()).Writer!, 1, _ => "m"));
        session.AddTarget(1, memory, memory);
        while (session.Aggregations < 300)
        {
            session.BeginSample();
            memory.Advance(plan.Intervals.Sample);
            session.EndSample();
        }

        var (found, end, _) = RecordingSamples.Read(stream.ToArray());

        (found.Count, end).Should().Be((300, RecordingReadOutcome.End));
        var snapshots = found.ConvertAll(one => one.Snapshot);
        var steps = snapshots.Zip(snapshots.Skip(1), (one, next) => (next.Time - one.Time).TotalMilliseconds).ToList();
        Violations(steps, step => step is >= 90 and <= 110).Should().BeLessThanOrEqualTo(0.02);
        Violations(snapshots, snapshot => snapshot.Targets.Sum(target => target.Regions.Length) is >= 5 and <= 1100).Should().BeLessThanOrEqualTo(0.02);
        var counts = snapshots.SelectMany(snapshot => snapshot.Targets).SelectMany(target => target.Regions.ToArray()).Select(region => region.Accesses).ToList();
        Violations(counts, count => count <= 23).Should().BeLessThanOrEqualTo(0.02);
        counts.Should().Contain(0u).And.Contain(count => count >= 10, "there is idle and busy memory");
    }

    private static double Violations<T>(List<T> values, Func<T, bool> isWithin) => values.Count(value => !isWithin(value)) / (double)values.Count;
}

using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Sensing;

/// <summary>The engine's own sampling over the idle-page bitmap, with one process as its target.</summary>
internal sealed class IdlePageSensing : IHotMemorySensor
{
    private readonly LabContext _context;
    private readonly MonitoringSession _session;
    private readonly Collector _collector;

    private IdlePageSensing(LabContext context, MonitoringSession session, Collector collector)
    {
        _context = context;
        _session = session;
        _collector = collector;
    }

    public static IdlePageSensing Start(LabContext context, int processId, MonitoringIntervals intervals, RegionLimits limits, RegionPolicyKind policy)
    {
        var random = new RandomSource(1);
        var collector = new Collector();
        var session = new MonitoringSession(new MonitoringPlan(intervals, limits, []), RegionPolicies.Create(policy, limits, random), random, context.Time, collector);
        var process = Value(ProcessTree.Identify(context.Host, processId));
        session.AddTarget(processId, Value(IdlePageProbe.Open(context.Host, process)), Value(TargetActor.Open(context.Host, process, context.Time)));
        return new IdlePageSensing(context, session, collector);
    }

    public async Task<HotMemory> LookAsync()
    {
        do
        {
            var since = _context.Time.GetTimestamp();
            _session.BeginSample();
            var left = _session.Intervals.Sample - _context.Time.GetElapsedTime(since);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _context.Time, _context.Cancellation);
        }
        while (!_session.EndSample());

        Expect.Equal($"targets that are looked at; the last ended for: {(_session.EndedTargets.Count > 0 ? _session.EndedTargets[^1].Reason : "nothing")}", 1, _session.Targets.Count);
        return _collector.Latest;
    }

    public void Dispose() => _session.Dispose();

    private static T Value<T>(HostResult<T> result) => result.IsOk ? result.Value : throw new ExpectationException($"cannot open: {result.Error}");

    private sealed class Collector : ISessionObserver
    {
        public HotMemory Latest { get; private set; } = new();

        public void OnAggregated(MonitoringSession session)
        {
            Latest = new HotMemory();
            foreach (var target in session.Targets)
            {
                for (var i = 0; i < target.Regions.Count; i++)
                    Latest.Add(target.Regions[i].Start, target.Regions[i].End, target.Regions[i].Accesses, session.Intervals.SamplesPerAggregation);
            }
        }

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
        {
            // There is no scheme.
        }
    }
}

using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Simulation;
using Damon.NodeAgent.Heatmaps;
using Damon.Patterns;

namespace Damon.Cli.Simulate;

/// <summary>Runs the engine over a workload pattern in virtual time.</summary>
internal sealed class PatternSimulation
{
    private const ulong PageBytes = 4096;

    /// <summary>Where the simulated memory begins: an address like those of real mappings.</summary>
    private const ulong BaseAddress = 0x7f00_0000_0000;

    /// <summary>How many aggregations the engine has to find its way after a change of phase before it is measured.</summary>
    private const int WarmUpAggregations = 10;

    private readonly WorkloadPattern _pattern;

    public PatternSimulation(WorkloadPattern pattern, MonitoringPlan plan, ulong seed, RegionPolicyKind policy, ulong? machineBytes = null)
    {
        _pattern = pattern;
        var ranges = new List<AddressRange>();
        var at = BaseAddress;
        foreach (var region in pattern.Regions)
        {
            // Without gaps in between: where one region ends and the next begins is for the engine to find.
            var end = at + ((region.SizeBytes + PageBytes - 1) & ~(PageBytes - 1));
            ranges.Add(new AddressRange(at, end));
            at = end;
        }

        var noise = pattern.Simulation;
        var strayRate = noise.NoiseShare <= 0 ? 0 : -Math.Log(1 - noise.NoiseShare) / noise.NoisePer.TotalSeconds;

        // Two sources of chance: what the engine draws must not change what the memory does.
        var random = new RandomSource(seed);
        Memory = new SimulatedMemory(ranges, strayRate, new RandomSource(~seed));
        for (var i = 0; i < pattern.Regions.Count; i++)
        {
            Memory.SetBacking(i, pattern.Regions[i].Backing == RegionBacking.File);
        }

        // In Observe, what would be out of memory is free, so that goals and watermarks steer both modes alike.
        var machine = new SimulatedMachine(machineBytes ?? Memory.TotalBytes, () => Memory.TotalBytes - (ulong)Math.Min(Memory.TotalBytes, AwayBytes), () => ElsewhereBytes);
        Meter = new AccuracyMeter(Memory);
        Heatmap = new Heatmap(columns: 64, maxRows: 48);
        Session = new MonitoringSession(
            plan, RegionPolicies.Create(policy, plan.Limits, random), random, new VirtualClock(this), new Observers(Meter, Heatmap), machine);
        Session.AddTarget(0, Memory, Memory);
    }

    public SimulatedMemory Memory { get; }

    public AccuracyMeter Meter { get; }

    public Heatmap Heatmap { get; }

    public MonitoringSession Session { get; }

    public int MinRegions { get; private set; } = int.MaxValue;

    public int MaxRegions { get; private set; }

    public ulong Samples { get; private set; }

    /// <summary>Bytes out of memory, averaged over the run: measured when a scheme acts, predicted when all only observe.</summary>
    public double AverageAwayBytes { get; private set; }

    public void Run(TimeSpan duration, CancellationToken cancellation)
    {
        var current = (Phase: (PatternPhase?)null, Occurrence: -1);
        var awaySum = 0.0;
        while (Session.Elapsed < duration && !cancellation.IsCancellationRequested)
        {
            var phase = _pattern.PhaseAt(Session.Elapsed, out _, out var occurrence);
            if ((phase, occurrence) != current)
            {
                current = (phase, occurrence);
                Begin(phase);
            }

            Session.BeginSample();
            Memory.Advance(Session.Intervals.Sample);
            Session.EndSample();
            Samples++;
            MinRegions = Math.Min(MinRegions, Session.RegionCount);
            MaxRegions = Math.Max(MaxRegions, Session.RegionCount);
            awaySum += AwayBytes;
        }

        AverageAwayBytes = Samples == 0 ? 0 : awaySum / Samples;
    }

    /// <summary>Bytes on other memory nodes than node 0, and in Observe those that would be.</summary>
    private ulong ElsewhereBytes => Session.Schemes
        .Where(scheme => scheme.Description.Mode == Engine.Schemes.SchemeMode.Observe && scheme.Description.Destinations.Any(d => d.Weight > 0) && scheme.Description.Destinations.All(d => d.Node > 0))
        .Aggregate(Memory.ElsewhereBytes, (sum, scheme) => sum + scheme.Statistics.AwayBytes);

    private double AwayBytes
    {
        get
        {
            double predicted = 0;
            foreach (var scheme in Session.Schemes)
            {
                if (scheme.Description.Mode == Engine.Schemes.SchemeMode.Observe)
                {
                    predicted += scheme.OutOfMemoryBytes;
                }
            }

            return predicted + (Memory.TotalBytes - Memory.ResidentBytes);
        }
    }

    private void Begin(PatternPhase phase)
    {
        for (var i = 0; i < _pattern.Regions.Count; i++)
        {
            Memory.SetAccess(i, default);
        }

        var weights = phase.Accesses.Sum(access => access.Weight);
        foreach (var access in phase.Accesses)
        {
            var region = IndexOf(access.Region);
            var perSecond = _pattern.Simulation.AccessesPerSecond * access.Weight / weights;
            Memory.SetAccess(region, new SimulatedAccess(perSecond, access.StrideBytes, access.Window?.Share ?? 1, access.Window?.SpeedPerSecond ?? 0));
        }

        Meter.MeasureFrom(Session.Elapsed + (WarmUpAggregations * Session.Intervals.Aggregation));
    }

    private int IndexOf(string region)
    {
        for (var i = 0; i < _pattern.Regions.Count; i++)
        {
            if (_pattern.Regions[i].Name == region)
            {
                return i;
            }
        }

        throw new ArgumentException($"The pattern was read with an unknown region {region}.", nameof(region));
    }

    private sealed class Observers(AccuracyMeter meter, Heatmap heatmap) : ISessionObserver
    {
        public void OnAggregated(MonitoringSession session)
        {
            meter.OnAggregated(session);
            foreach (var target in session.Targets)
            {
                heatmap.Add(target.Regions, session.Intervals.SamplesPerAggregation);
            }
        }

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes) =>
            meter.OnMatched(scheme, target, range, reachableBytes);
    }

    /// <summary>Actions take no time in a simulation: a limit by time then works with its assumed speed, and every run is the same.</summary>
    private sealed class VirtualClock(PatternSimulation simulation) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => simulation.Session.Elapsed.Ticks;
    }
}

using BenchmarkDotNet.Attributes;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;

namespace Damon.Benchmarks;

/// <summary>
/// One sample interval of a session: draw addresses, look, count, and every twentieth time merge, apply a scheme and split. The memory is simulated, so this is the engine's own
/// cost; a probe's comes on top. Nothing may be allocated.
/// </summary>
[MemoryDiagnoser]
public class SamplingLoop : IDisposable
{
    private const ulong MemoryBytes = 1UL << 30;
    private const ulong BaseAddress = 0x7f00_0000_0000;

    private MonitoringSession? _session;
    private SimulatedMemory? _memory;

    /// <summary>The least and the most regions alike, so that their number stays.</summary>
    [Params(10, 100, 1000)]
    public int Regions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        // An eighth is hot; the rest is accessed now and then, so that neighbours differ and merging has something to decide.
        var hotEnd = BaseAddress + (MemoryBytes / 8);
        _memory = new SimulatedMemory([new AddressRange(BaseAddress, hotEnd), new AddressRange(hotEnd, BaseAddress + MemoryBytes)], strayAccessesPerSecond: 1, new RandomSource(2));
        _memory.SetAccess(0, new SimulatedAccess(AccessesPerSecond: 50_000_000, StrideBytes: 4096, WindowShare: 1, WindowSpeedPerSecond: 0));
        var random = new RandomSource(1);
        var limits = new RegionLimits(Regions, Regions);
        var scheme = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(1) });
        var plan = new MonitoringPlan(MonitoringIntervals.Default, limits, [scheme]);
        _session = new MonitoringSession(plan, new KernelRegionPolicy(limits, random), random, TimeProvider.System);
        _session.AddTarget(0, _memory, _memory);
        for (var i = 0; i < 2000; i++)
        {
            SampleInterval();
        }

        if (_session.RegionCount < Regions)
        {
            throw new InvalidOperationException($"{_session.RegionCount} regions are there, not {Regions}.");
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _session?.Dispose();
        _memory?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public bool SampleInterval()
    {
        _session!.BeginSample();
        _memory!.Advance(MonitoringIntervals.Default.Sample);
        return _session.EndSample();
    }
}

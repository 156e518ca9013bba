using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Benchmarks.Comparison;

/// <summary>A session over so many targets of striped memory, a thousand regions each, that is run for whole aggregations.</summary>
internal sealed class SessionRounds : IDisposable
{
    public const int RegionsPerTarget = 1000;
    private const int Stripes = 512;

    private readonly MonitoringSession _session;
    private readonly List<StripedMemory> _memories = [];

    /// <summary>What others on this machine take away from this thread is no cost of the session.</summary>
    private readonly ThreadCpuClock _cpu = new();

    public SessionRounds(int targets, ulong bytes, bool acts, TimeProvider time)
    {
        var random = new RandomSource(1);
        var limits = new RegionLimits(10, targets * RegionsPerTarget);
        var scheme = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(1) })
        {
            Mode = SchemeMode.Enforce,
            Quota = new SchemeQuota { SizeBytes = bytes / 16 * (ulong)targets },
        };
        var plan = new MonitoringPlan(MonitoringIntervals.Default, limits, acts ? [scheme, scheme with { Name = "observed", Mode = SchemeMode.Observe }] : []);
        _session = new MonitoringSession(plan, new KernelRegionPolicy(limits, random), random, time);
        for (var i = 0; i < targets; i++)
        {
            _memories.Add(new StripedMemory(bytes, Stripes));
            _session.AddTarget(i, _memories[i], _memories[i]);
        }
    }

    /// <summary>Bytes that schemes moved.</summary>
    public ulong AppliedBytes => _session.Schemes.Count == 0 ? 0 : _session.Schemes[0].Statistics.AppliedBytes;

    /// <summary>From now on every look is a read of this pagemap as well.</summary>
    public void ReadPagemap(HostFile file, long firstEntry, int entries) => _memories.ForEach(m => m.Pagemap = (file, firstEntry, entries));

    /// <summary>Runs so many aggregations.</summary>
    /// <returns>Nanoseconds, looks and allocated bytes, each per sample interval.</returns>
    public (double Nanoseconds, double Looks, long AllocatedBytes) Run(int aggregations)
    {
        var looks = _memories.Sum(m => m.Looks);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = _cpu.GetTimestamp();
        var intervals = 0;
        for (var done = 0; done < aggregations; intervals++)
        {
            _session.BeginSample();
            done += _session.EndSample() ? 1 : 0;
        }

        var spent = (_cpu.GetTimestamp() - began) * (1e9 / _cpu.TimestampFrequency);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return (spent / intervals, (double)(_memories.Sum(m => m.Looks) - looks) / intervals, allocated / intervals);
    }

    public void Dispose() => _session.Dispose();
}

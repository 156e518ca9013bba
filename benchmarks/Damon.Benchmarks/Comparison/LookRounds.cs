using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;

namespace Damon.Benchmarks.Comparison;

/// <summary>Looks of the idle-page probe at fixed addresses.</summary>
internal sealed class LookRounds : IDisposable
{
    private readonly IdlePageProbe _probe;
    private readonly ulong[] _addresses;
    private readonly ulong[] _ends;
    private readonly AccessObservation[] _seen;
    private readonly TimeProvider _time;

    public LookRounds(HostRoot host, int pid, ulong[] addresses, TimeProvider time)
    {
        using var watch = ProcessWatch.Open(host, pid).Value;
        _probe = IdlePageProbe.Open(host, watch.Identity).Value;
        _addresses = addresses;
        _ends = [.. addresses.Select(a => a + 4096)];
        _seen = new AccessObservation[addresses.Length];
        _time = time;
    }

    public int Accessed => _seen.Count(s => s != AccessObservation.NotAccessed);

    public (double Nanoseconds, IdlePageCalls Calls) Run(int operations)
    {
        var before = _probe.Calls;
        var began = _time.GetTimestamp();
        for (var i = 0; i < operations; i++)
        {
            if (_probe.Prepare(_addresses) != ProbeOutcome.Ok || _probe.Check(_addresses, _ends, _addresses, _seen) != ProbeOutcome.Ok)
            {
                throw new InvalidOperationException(_probe.LastError);
            }
        }

        var spent = (_time.GetTimestamp() - began) * (1e9 / _time.TimestampFrequency);
        var after = _probe.Calls;
        return (spent, new IdlePageCalls(
            after.PagemapReads - before.PagemapReads, after.FlagReads - before.FlagReads, after.BitmapReads - before.BitmapReads, after.BitmapWrites - before.BitmapWrites));
    }

    public void Dispose() => _probe.Dispose();
}

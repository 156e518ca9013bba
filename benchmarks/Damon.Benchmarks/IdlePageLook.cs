using BenchmarkDotNet.Attributes;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Testing;

namespace Damon.Benchmarks;

/// <summary>
/// One look of the idle-page probe at so many pages: find each page's frame, mark it, find it again, ask. The files are ordinary ones, so this is the probe's cost with the system calls'
/// entry and exit, and without the kernel's walk of page tables (see <see cref="PagemapScan"/> for that).
/// </summary>
[MemoryDiagnoser]
public class IdlePageLook : IDisposable
{
    private const ulong Start = 0x7f00_0000_0000;

    private FakeHost? _host;
    private IdlePageProbe? _probe;
    private ulong[] _starts = [];
    private ulong[] _ends = [];
    private AccessObservation[] _seen = [];

    [Params(10, 100, 1000)]
    public int Regions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        // Each region is 64 pages long and its first page is in memory, in a frame of its own.
        const ulong RegionBytes = 64 * FakeProcess.PageBytes;
        _host = new FakeHost().IdlePages(frames: Regions + 64);
        var process = _host.Process(1234, mappings: new FakeMapping(Start, Start + ((ulong)Regions * RegionBytes)));
        _starts = new ulong[Regions];
        _ends = new ulong[Regions];
        _seen = new AccessObservation[Regions];
        for (var i = 0; i < Regions; i++)
        {
            _starts[i] = Start + ((ulong)i * RegionBytes);
            _ends[i] = _starts[i] + RegionBytes;
            process.Page(_starts[i], frame: (ulong)i + 1);
        }

        _probe = IdlePageProbe.Open(_host.Root, process.Identity).Value;
        if (Look() != ProbeOutcome.Ok || !_host.IsIdle(1) || !_host.IsIdle((ulong)Regions))
        {
            throw new InvalidOperationException(_probe.LastError);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _probe?.Dispose();
        _host?.Dispose();
        _host = null;
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public ProbeOutcome Look()
    {
        var prepared = _probe!.Prepare(_starts);
        return prepared == ProbeOutcome.Ok ? _probe.Check(_starts, _ends, _starts, _seen) : prepared;
    }
}

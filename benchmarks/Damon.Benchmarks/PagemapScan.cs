using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Damon.Engine.Host;

namespace Damon.Benchmarks;

/// <summary>
/// Reading this process's own pagemap over a buffer whose pages are all in memory: the kernel's price of asking where pages are, which bounds every probe that works by page.
/// </summary>
[MemoryDiagnoser]
public class PagemapScan : IDisposable
{
    private const int Pages = 4096;

    private byte[] _memory = [];
    private ulong[] _entries = [];
    private HostFile? _pagemap;
    private ulong _firstPage;

    /// <summary>Entries per system call: one, as for a sampled page, up to all of them.</summary>
    [Params(1, 64, 4096)]
    public int EntriesPerRead { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _pagemap = new HostRoot().Open("/proc/self/pagemap").Value;
        _memory = GC.AllocateUninitializedArray<byte>((Pages + 1) * Environment.SystemPageSize, pinned: true);
        Array.Fill(_memory, (byte)1);
        _firstPage = ((ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) / (ulong)Environment.SystemPageSize) + 1;
        _entries = new ulong[EntriesPerRead];
        if (PresentPages() != Pages)
        {
            throw new InvalidOperationException("Pages that were just written are not in memory.");
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _pagemap?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Pages)]
    public int PresentPages()
    {
        var present = 0;
        var buffer = MemoryMarshal.AsBytes(_entries.AsSpan());
        for (var page = 0; page < Pages; page += EntriesPerRead)
        {
            var read = _pagemap!.ReadAt(buffer, (long)(_firstPage + (ulong)page) * sizeof(ulong));
            if (!read.TryGet(out var bytes))
            {
                return -1;
            }

            foreach (var entry in _entries.AsSpan(0, bytes / sizeof(ulong)))
            {
                present += (int)(entry >> 63);
            }
        }

        return present;
    }
}

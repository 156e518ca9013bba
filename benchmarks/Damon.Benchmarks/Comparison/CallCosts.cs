using Damon.Engine.Host;

namespace Damon.Benchmarks.Comparison;

/// <summary>What one read costs by the number of entries, of a real pagemap and of the real page flags: the probe's reaches stand on these figures.</summary>
internal static class CallCosts
{
    private const int Pages = 8192;
    private const int Reads = 2000;

    public static IEnumerable<string> Run(string sources, string builds, TimeProvider time)
    {
        var (memoryPath, problem) = CProgram.Build(sources, "memory", builds);
        if (memoryPath.Length == 0 || (problem = LookComparison.WhyFramesAreHidden()).Length > 0)
        {
            yield return $"Not measured: {problem}.";
            yield break;
        }

        using var memory = new WatchedMemory(memoryPath, (ulong)Pages * 4096, Pages, gapPages: 1, hugePages: false);
        using var pagemap = new HostRoot().Open($"/proc/{memory.Pid}/pagemap").Value;
        using var flags = new HostRoot().Open("/proc/kpageflags").Value;
        yield return "| entries in one read | pagemap | page flags |";
        yield return "| ---: | ---: | ---: |";
        var buffer = new byte[512 * sizeof(ulong)];
        pagemap.ReadAt(buffer.AsSpan(0, sizeof(ulong)), (long)(memory.Addresses[0] / 4096 * sizeof(ulong)));
        var frame = (long)(BitConverter.ToUInt64(buffer) & ((1UL << 55) - 1));
        foreach (var entries in (int[])[1, 2, 3, 4, 8, 16, 32, 64, 512])
        {
            var ofPagemap = double.MaxValue;
            var ofFlags = double.MaxValue;
            for (var round = 0; round < 15; round++)
            {
                ofPagemap = Math.Min(ofPagemap, Cost(pagemap, buffer.AsSpan(0, entries * sizeof(ulong)), (long)(memory.Addresses[0] / 4096), Pages - entries, time));
                ofFlags = Math.Min(ofFlags, Cost(flags, buffer.AsSpan(0, entries * sizeof(ulong)), frame & ~0xFFFFFL, 0x40000, time));
            }

            yield return $"| {entries} | {ofPagemap:0} ns | {ofFlags:0} ns |";
        }
    }

    private static double Cost(HostFile file, Span<byte> buffer, long first, long span, TimeProvider time)
    {
        var began = time.GetTimestamp();
        for (var i = 0; i < Reads; i++)
        {
            // A stride that meets no page-table line twice in a row.
            file.ReadAt(buffer, (first + (i * 977L % span)) * sizeof(ulong));
        }

        return (time.GetTimestamp() - began) * (1e9 / time.TimestampFrequency) / Reads;
    }
}

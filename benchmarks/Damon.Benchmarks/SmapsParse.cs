using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Damon.Engine.Host;

namespace Damon.Benchmarks;

/// <summary>Reading the mappings out of the text of an smaps file, without the kernel's time to write it. Nothing may be allocated.</summary>
[MemoryDiagnoser]
public class SmapsParse
{
    private byte[] _content = [];

    /// <summary>A small service has about a hundred, a Java or database process about a thousand; the kernel's default limit is 65,530.</summary>
    [Params(100, 1000, 10_000)]
    public int Mappings { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Mappings; i++)
        {
            AppendMapping(text, 0x7f00_0000_0000 + ((ulong)i * 0x20_0000));
        }

        _content = Encoding.ASCII.GetBytes(text.ToString());
        if (ReferencedBytes() != (ulong)Mappings * 512 * 1024)
        {
            throw new InvalidOperationException("The content is not read as it was written.");
        }
    }

    [Benchmark]
    public ulong ReferencedBytes()
    {
        ulong sum = 0;
        foreach (var entry in ProcSmaps.Enumerate(_content))
        {
            sum += entry.ReferencedBytes;
        }

        return sum;
    }

    /// <summary>The fields of Linux 6.12, in its order.</summary>
    private static void AppendMapping(StringBuilder text, ulong start)
    {
        text.Append(CultureInfo.InvariantCulture, $"{start:x}-{start + 0x10_0000:x} rw-p 00000000 00:00 0 \n");
        ReadOnlySpan<(string Name, int Kilobytes)> fields =
        [
            ("Size", 1024), ("KernelPageSize", 4), ("MMUPageSize", 4), ("Rss", 1024), ("Pss", 1024), ("Pss_Dirty", 1024), ("Shared_Clean", 0), ("Shared_Dirty", 0), ("Private_Clean", 0),
            ("Private_Dirty", 1024), ("Referenced", 512), ("Anonymous", 1024), ("KSM", 0), ("LazyFree", 0), ("AnonHugePages", 0), ("ShmemPmdMapped", 0), ("FilePmdMapped", 0),
            ("Shared_Hugetlb", 0), ("Private_Hugetlb", 0), ("Swap", 0), ("SwapPss", 0), ("Locked", 0),
        ];
        foreach (var (name, kilobytes) in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name + ":",-16}{kilobytes,8} kB\n");
        }

        text.Append("THPeligible:           0\nVmFlags: rd wr mr mw me ac sd \n");
    }
}

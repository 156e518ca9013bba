using System.Reflection;
using System.Text;
using CsCheck;
using Damon.Engine.Host;

namespace Damon.Engine.Tests.Host;

/// <summary>
/// Every reader of this folder, found by reflection so that none is forgotten: against arbitrary bytes, damaged samples, samples that are cut at every byte, and a megabyte of what repeats, of one line, of zeros.
/// None throws or loops, and what is read keeps its promises.
/// </summary>
public class ReaderFuzzTests
{
    private const int HugeBytes = 1 << 20;

    private const string Mappings = "5603d3b06000-5603d3b08000 r--p 00000000 fe:00 247270  /usr/bin/cat\n7f1c28000000-7f1c28021000 rw-p 00000000 00:00 0\nffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";
    private const string Smaps = "5603d3b06000-5603d3b08000 r--p 00000000 fe:00 247270 /usr/bin/cat\nSize: 8 kB\nRss: 8 kB\nPss: 8 kB\nReferenced: 8 kB\nAnonymous: 0 kB\nAnonHugePages: 0 kB\nSwap: 4 kB\nLocked: 0 kB\nVmFlags: rd mr mw me\n";
    private const string Stat = "42 (a) b) S 7 42 42 0 -1 4194304 1 2 3 4 11 12 0 0 20 0 3 0 5000 1000 250 18446744073709551615 101 102 103 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 104 1 105 1 2 3 4 0\n";
    private const string Meminfos = "MemTotal: 24684084 kB\nMemFree: 24441756 kB\nMemAvailable: 24393364 kB\nActive: 4 kB\nInactive: 8 kB\nSwapTotal: 4 kB\nSwapFree: 0 kB\n";
    private const string NodeMeminfos = "Node 1 MemTotal: 1048576 kB\nNode 1 MemFree: 4096 kB\nNode 1 Active: 8 kB\nNode 1 Inactive: 12 kB\n";
    private const string MemoryStat = "anon 4096\nfile 8192\nshmem 0\ninactive_anon 1\nworkingset_refault_anon 2\nworkingset_refault_file 3\npgmajfault 4\n";
    private const string NumaStat = "anon N0=4096 N1=8192\nfile N0=0 N1=12288\nkernel_stack N0=0 N1=0\n";
    private const string Policies = "10000 default anon=2 N0=2\n20000 bind:0-1 anon=1\n7f0000000000 bind=static:1\n30000 interleave:0-1\n";
    private const string Zones = "Node 1, zone Normal\n  pages free 700\n        boost 0\n        high 300\n  pagesets\n    cpu: 0\n              high: 99\nNode 0, zone DMA\n  pages free 5\n        high 9\n";
    private const string Psi = "some avg10=0.12 avg60=3.40 avg300=0.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n";
    private const string Cgroup = "9:name=systemd:/\n4:memory:/process_api/x\n0::/kubepods.slice/pod:1\n";

    private static readonly Dictionary<string, (string Sample, Func<byte[], bool> KeepsPromise)> Readers = new(StringComparer.Ordinal)
    {
        ["CgroupMemoryStat.TryParse"] = (MemoryStat, content => CgroupMemoryStat.TryParse(content, out var stat) || stat == default),
        ["CgroupNumaStat.TryGetUsed"] = (NumaStat, content => CgroupNumaStat.TryGetUsed(content, 1, out var used) || used == 0),
        ["CgroupProcs.Enumerate"] = ("1\n2\n4194304\n", content =>
        {
            var count = 0;
            var procs = CgroupProcs.Enumerate(content);
            while (procs.MoveNext() && procs.Current > 0)
                count++;
            return !procs.MoveNext() && count + procs.Unusable <= Lines(content);
        }
        ),
        ["CgroupValue.TryParse"] = ("4096\n", content => CgroupValue.TryParse(content, out var value) || value == 0),
        ["FlatKeyed.TryGet"] = (MemoryStat, content => FlatKeyed.TryGet(content, "file"u8, out var value) || value == 0),
        ["Meminfo.TryParse"] = (Meminfos, content => Meminfo.TryParse(content, out var meminfo) ? meminfo.TotalBytes % 1024 == 0 && meminfo.SwapFreeBytes % 1024 == 0 : meminfo == default),
        ["NodeMeminfo.TryParse"] = (NodeMeminfos, content => NodeMeminfo.TryParse(content, out var meminfo) ? meminfo.TotalBytes % 1024 == 0 : meminfo == default),
        ["NumaMaps.TryCollectBound"] = (Policies, content =>
        {
            var starts = new List<ulong> { 1 };
            _ = NumaMaps.TryCollectBound(content, starts);
            return starts.Count <= Lines(content) && (starts.Count == 0 || content.AsSpan().IndexOf("bind"u8) >= 0);
        }
        ),
        ["NumberList.TryParse"] = ("0-2,5,7-9", content =>
            NumberList.TryParse(Encoding.UTF8.GetString(content), out var numbers) ? numbers.Count <= 65_536 && numbers.Zip(numbers.Skip(1), (one, next) => one < next).All(static ascends => ascends) : numbers.Count == 0),
        ["Pressure.TryParse"] = (Psi, content => Pressure.TryParse(content, out var psi) ? IsShare(psi.Some) && IsShare(psi.Full) : psi == default),
        ["ProcCgroup.Parse"] = (Cgroup, content => ProcCgroup.Parse(content) is var cgroup && (cgroup.UnifiedPath ?? "/").StartsWith('/') && (cgroup.MemoryPath ?? "/").StartsWith('/')),
        ["ProcMapping.TryParse"] = (Mappings.Split('\n')[0], content => !ProcMapping.TryParse(content, out var mapping) || (mapping.End > mapping.Start && mapping.Path.Length <= content.Length)),
        ["ProcMaps.Enumerate"] = (Mappings, content =>
        {
            var count = 0;
            var maps = ProcMaps.Enumerate(content);
            while (maps.MoveNext() && maps.Current.End > maps.Current.Start)
                count++;
            return !maps.MoveNext() && count + maps.MalformedLines <= Lines(content);
        }
        ),
        ["ProcSmaps.Enumerate"] = (Smaps, content =>
        {
            var count = 0;
            var smaps = ProcSmaps.Enumerate(content);
            while (smaps.MoveNext() && smaps.Current.Mapping.End > smaps.Current.Mapping.Start && smaps.Current.SwapBytes % 1024 == 0)
                count++;
            return !smaps.MoveNext() && count + smaps.MalformedLines <= Lines(content);
        }
        ),
        ["ProcSmapsRollup.TryParse"] = (Smaps, content => ProcSmapsRollup.TryParse(content, out var rollup) ? rollup.RssBytes % 1024 == 0 : rollup == default),
        ["ProcStat.TryParse"] = (Stat, content => !ProcStat.TryParse(content, out var stat) || (stat.Pid > 0 && stat.ParentPid >= 0 && char.IsAsciiLetter(stat.State) && stat.Command.Length <= content.Length)),
        ["ProcStatus.TryParse"] = (
            "Name:\tcat\nUid:\t0\t0\t0\t0\nNSpid:\t4934\t7\nVmLck:\t0 kB\nVmRSS:\t1772 kB\nVmSwap:\t0 kB\nCapEff:\t000001fffeffffff\n",
            content => ProcStatus.TryParse(content, out var status) ? status.InnermostPid >= 0 && status.RssBytes % 1024 == 0 : status == default),
        ["ProcText.TryParseHex"] = ("5603d3b06000", content => ProcText.TryParseHex(content, out var value) ? content.Length > 0 : value == 0),
        ["ProcText.TryParseKilobytes"] = ("12 kB", content => ProcText.TryParseKilobytes(content, out var bytes) ? bytes % 1024 == 0 : bytes == 0),
        ["ProcText.TryParseNumber"] = ("18446744073709551615", content => ProcText.TryParseNumber(content, out var value) ? content.Length > 0 : value == 0),
        ["ProcText.TryParsePid"] = ("4194304", content => ProcText.TryParsePid(content, out var pid) ? pid > 0 : pid == 0),
        ["ProcText.TrySplitField"] = ("VmRSS:\t1772 kB", content => !ProcText.TrySplitField(content, out var name, out var value) || name.Length + value.Length < content.Length),
        ["SwapDevice.Parse"] = ("Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 1024 24 100\n", content => SwapDevice.Parse(content).All(device => device.UsedBytes <= device.SizeBytes && device.FreeBytes <= device.SizeBytes)),
        ["TransparentHugePages.Parse"] = ("always [madvise] never\n", content => Enum.IsDefined(TransparentHugePages.Parse(content))),
        ["Zoneinfo.TryGetFreeAboveHigh"] = (Zones, content => Zoneinfo.TryGetFreeAboveHigh(content, 1, out _) is var isThere && (!isThere || content.AsSpan().IndexOf("Node 1,"u8) >= 0)),
    };

    public static TheoryData<string> Names => [.. Readers.Keys];

    [Fact]
    public void No_reader_of_the_folder_is_forgotten()
    {
        var found = typeof(HostRoot).Assembly.GetTypes().Where(type => type.Namespace == typeof(HostRoot).Namespace)
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsPrivate && method.GetParameters() is [{ ParameterType: var first }, ..] && (first == typeof(ReadOnlySpan<byte>) || (first == typeof(string) && method.Name == "TryParse")))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .Where(name => name != "ProcText.SkipSpace");

        found.Should().BeEquivalentTo(Readers.Keys);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_the_bytes_promises_are_kept(string reader)
    {
        var (sample, keepsPromise) = Readers[reader];
        DamagedText.Of(sample).Sample(content => keepsPromise(content));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Cut_at_any_byte_promises_are_kept(string reader)
    {
        var (sample, keepsPromise) = Readers[reader];
        var whole = Encoding.UTF8.GetBytes(sample);
        Enumerable.Range(0, whole.Length + 1).Where(length => !keepsPromise(whole[..length])).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void However_long_promises_are_kept(string reader)
    {
        var (sample, keepsPromise) = Readers[reader];
        byte[][] huge =
        [
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(sample, (HugeBytes / sample.Length) + 1))),
            Encoding.UTF8.GetBytes(sample.TrimEnd('\n') + new string('9', HugeBytes)),
            Encoding.UTF8.GetBytes(sample + new string(' ', HugeBytes)),
            Encoding.UTF8.GetBytes(new string('\n', HugeBytes) + sample),
            new byte[HugeBytes],
        ];
        huge.Should().OnlyContain(content => keepsPromise(content));
    }

    private static bool IsShare(PressureLine line) => line is { Average10Percent: >= 0 and <= 100, Average60Percent: >= 0 and <= 100, Average300Percent: >= 0 and <= 100 };

    private static int Lines(byte[] content) => content.Count(b => b == (byte)'\n') + 1;
}

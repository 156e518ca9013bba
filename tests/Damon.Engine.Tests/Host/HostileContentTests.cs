using System.Text;
using CsCheck;
using Damon.Engine.Host;

namespace Damon.Engine.Tests.Host;

/// <summary>Every parser against arbitrary bytes and against damaged real samples: none throws, none loops, and whatever is read keeps its own promises.</summary>
public class HostileContentTests
{
    private const string Maps = """
        5603d3b06000-5603d3b08000 r--p 00000000 fe:00 247270                     /usr/bin/cat
        5603d3b08000-5603d3b0d000 r-xp 00002000 fe:00 247270                     /usr/bin/cat
        5603f4f8c000-5603f4fad000 rw-p 00000000 00:00 0                          [heap]
        7f1c28000000-7f1c28021000 rw-p 00000000 00:00 0
        7f1c28021000-7f1c2c000000 ---p 00000000 00:00 0
        7ffdd8f5e000-7ffdd8f7f000 rw-p 00000000 00:00 0                          [stack]
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

        """;

    private const string Smaps = """
        5603d3b06000-5603d3b08000 r--p 00000000 fe:00 247270                     /usr/bin/cat
        Size:                  8 kB
        KernelPageSize:        4 kB
        Rss:                   8 kB
        Pss:                   8 kB
        Pss_Dirty:             0 kB
        Referenced:            8 kB
        Anonymous:             0 kB
        AnonHugePages:         0 kB
        Swap:                  0 kB
        Locked:                0 kB
        THPeligible:           0
        VmFlags: rd mr mw me
        7f1c28000000-7f1c28021000 rw-p 00000000 00:00 0
        Rss:                 132 kB
        Referenced:          100 kB
        VmFlags: rd wr mr mw me lo

        """;

    private const string Stat = "42 (a) b) S 7 42 42 0 -1 4194304 1 2 3 4 11 12 0 0 20 0 3 0 5000 1000 250 18446744073709551615 101 102 103 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 104 1 105 1 2 3 4 0\n";
    private const string Status = "Name:\tcat\nUid:\t0\t0\t0\t0\nNSpid:\t4934\t7\nVmLck:\t       0 kB\nVmRSS:\t    1772 kB\nVmSwap:\t       0 kB\nCapEff:\t000001fffeffffff\n";
    private const string Psi = "some avg10=0.12 avg60=3.40 avg300=0.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n";
    private const string MemoryStat = "anon 4096\nfile 8192\nshmem 0\ninactive_anon 1\nworkingset_refault_anon 2\nworkingset_refault_file 3\npgmajfault 4\n";
    private const string Cgroup = "9:name=systemd:/\n4:memory:/process_api/x\n0::/kubepods.slice/pod:1\n";
    private const string Meminfos = "MemTotal:       24684084 kB\nMemFree:        24441756 kB\nMemAvailable:   24393364 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n";
    private const string Swaps = "Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 1024 24 100\n";

    [Fact]
    public void Maps_keep_their_promises_whatever_the_bytes() => DamagedText.Of(Maps).Sample(content =>
    {
        var count = 0;
        var maps = ProcMaps.Enumerate(content);
        while (maps.MoveNext())
        {
            count++;
            if (maps.Current.End <= maps.Current.Start || maps.Current.Path.Length > content.Length)
            {
                return false;
            }
        }

        return count + maps.MalformedLines <= Lines(content) && !maps.MoveNext();
    });

    [Fact]
    public void Smaps_keep_their_promises_whatever_the_bytes() => DamagedText.Of(Smaps).Sample(content =>
    {
        var count = 0;
        var smaps = ProcSmaps.Enumerate(content);
        while (smaps.MoveNext())
        {
            count++;
            if (smaps.Current.Mapping.End <= smaps.Current.Mapping.Start || smaps.Current.RssBytes % 1024 != 0)
            {
                return false;
            }
        }

        _ = ProcSmapsRollup.TryParse(content, out _);
        return count + smaps.MalformedLines <= Lines(content) && !smaps.MoveNext();
    });

    [Fact]
    public void Stat_keeps_its_promises_whatever_the_bytes() => DamagedText.Of(Stat).Sample(content =>
        !ProcStat.TryParse(content, out var stat) || (stat.Pid > 0 && stat.ParentPid >= 0 && char.IsAsciiLetter(stat.State) && stat.Command.Length <= content.Length));

    [Fact]
    public void Status_keeps_its_promises_whatever_the_bytes() => DamagedText.Of(Status).Sample(content =>
        !ProcStatus.TryParse(content, out var status) || (status.PidNamespaceDepth >= 0 && status.InnermostPid >= 0 && status.PidNamespaceDepth <= content.Length));

    [Fact]
    public void Pressure_keeps_its_promises_whatever_the_bytes() => DamagedText.Of(Psi).Sample(content =>
        !Pressure.TryParse(content, out var pressure) || new[] { pressure.Some, pressure.Full }.All(line => Share(line.Average10Percent) && Share(line.Average60Percent) && Share(line.Average300Percent)));

    [Fact]
    public void Pagemap_entries_keep_their_promises_whatever_the_bits() => Gen.ULong.Sample(bits =>
    {
        var entry = new PagemapEntry(bits);
        return entry.Frame < 1UL << 55 && (entry.IsPresent || entry.Frame == 0) && PageIdleBitmap.WordOf(entry.Frame) * PageIdleBitmap.WordBytes <= long.MaxValue;
    });

    [Fact]
    public void Cgroup_files_keep_their_promises_whatever_the_bytes() => Gen.OneOf(DamagedText.Of(MemoryStat), DamagedText.Of(Cgroup), DamagedText.Of("1\n2\n4194304\n"), DamagedText.Of("max\n"), DamagedText.Of("4096\n")).Sample(content =>
    {
        _ = CgroupMemoryStat.TryParse(content, out _);
        var cgroup = ProcCgroup.Parse(content);
        var max = CgroupValue.TryParse(content, out var value) && value == CgroupValue.Max;
        var count = 0;
        var procs = CgroupProcs.Enumerate(content);
        while (procs.MoveNext())
        {
            count++;
            if (procs.Current <= 0)
            {
                return false;
            }
        }

        return count + procs.Unusable <= Lines(content) && (!max || content.Length >= 3) && (cgroup.UnifiedPath ?? "/").StartsWith('/') && (cgroup.MemoryPath ?? "/").StartsWith('/');
    });

    [Fact]
    public void Machine_files_keep_their_promises_whatever_the_bytes() => Gen.OneOf(DamagedText.Of(Meminfos), DamagedText.Of(Swaps), DamagedText.Of("always [madvise] never\n")).Sample(content =>
    {
        _ = TransparentHugePages.Parse(content);
        return SwapDevice.Parse(content).All(device => device.UsedBytes <= device.SizeBytes)
            && (!Meminfo.TryParse(content, out var meminfo) || meminfo.TotalBytes % 1024 == 0);
    });

    [Fact]
    public void The_undamaged_samples_are_read()
    {
        var maps = ProcMaps.Enumerate(Encoding.UTF8.GetBytes(Maps));
        var count = 0;
        while (maps.MoveNext())
        {
            count++;
        }

        (count, maps.MalformedLines).Should().Be((7, 0));
        ProcStat.TryParse(Encoding.UTF8.GetBytes(Stat), out _).Should().BeTrue();
        ProcStatus.TryParse(Encoding.UTF8.GetBytes(Status), out _).Should().BeTrue();
        Pressure.TryParse(Encoding.UTF8.GetBytes(Psi), out _).Should().BeTrue();
        CgroupMemoryStat.TryParse(Encoding.UTF8.GetBytes(MemoryStat), out _).Should().BeTrue();
        ProcCgroup.Parse(Encoding.UTF8.GetBytes(Cgroup)).Should().Be(new ProcCgroup("/kubepods.slice/pod:1", "/process_api/x"));
        Meminfo.TryParse(Encoding.UTF8.GetBytes(Meminfos), out _).Should().BeTrue();
    }

    private static bool Share(double value) => value is >= 0 and <= 100;

    private static int Lines(byte[] content) => content.Count(b => b == (byte)'\n') + 1;
}

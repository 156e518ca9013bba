using System.Text;
using Damon.Engine.Host;

namespace Damon.Engine.Tests.Host;

public class ProcFileTests
{
    [Theory]
    [InlineData("5603d3b06000-5603d3b08000 r--p 00000000 fe:00 247270                     /usr/bin/cat", MappingKind.File, true)]
    [InlineData("7f0000000000-7f0000001000 rw-p 00000000 00:00 0", MappingKind.Anonymous, true)]
    [InlineData("7f0000000000-7f0000001000 rw-p 00000000 00:00 0                  [anon:malloc arena]", MappingKind.Anonymous, true)]
    [InlineData("7f0000000000-7f0000001000 ---p 00000000 00:00 0", MappingKind.Anonymous, false)]
    [InlineData("7f0000000000-7f0000001000 rw-p 00000000 00:00 0                  [heap]", MappingKind.Heap, true)]
    [InlineData("7ffe80000000-7ffe80021000 rw-p 00000000 00:00 0                  [stack]", MappingKind.Stack, true)]
    [InlineData("7ffe80000000-7ffe80001000 r-xp 00000000 00:00 0                  [vdso]", MappingKind.Kernel, false)]
    [InlineData("7ffe80000000-7ffe80001000 r--p 00000000 00:00 0                  [vvar_vclock]", MappingKind.Kernel, false)]
    [InlineData("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]", MappingKind.Kernel, false)]
    [InlineData("7f0000000000-7f0000001000 rw-s 00000000 00:01 33                 /memfd:doublemapper (deleted)", MappingKind.SharedMemory, true)]
    [InlineData("7f0000000000-7f0000001000 rw-s 00000000 00:01 33                 /SYSV00000000 (deleted)", MappingKind.SharedMemory, true)]
    [InlineData("7f0000000000-7f0000001000 rw-s 00000000 00:05 33                 /dev/nvidia0", MappingKind.Device, false)]
    [InlineData("7f0000000000-7f0000001000 rw-s 00000000 00:05 33                 /dev/shm/pg.1", MappingKind.SharedMemory, true)]
    [InlineData("7f0000000000-7f0000200000 rw-p 00000000 00:0e 33                 /anon_hugepage (deleted)", MappingKind.HugeTlb, false)]
    [InlineData("7f0000000000-7f0000001000 rw-p 00000000 00:00 0                  [something new]", MappingKind.Other, true)]
    [InlineData("7f0000000000-7f0000001000 r--p 00000000 fe:00 1                  /a b (deleted)\\012c", MappingKind.File, true)]
    public void A_mapping_is_read_with_what_stands_behind_it(string line, MappingKind kind, bool canHoldPages)
    {
        foreach (var text in new[] { line, line + "\n" })
        {
            var maps = ProcMaps.Enumerate(Encoding.UTF8.GetBytes(text));
            maps.MoveNext().Should().BeTrue();
            maps.Current.Kind.Should().Be(kind);
            maps.Current.CanHoldPages.Should().Be(canHoldPages);
            maps.MoveNext().Should().BeFalse();
            maps.MalformedLines.Should().Be(0);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("5603d3b06000")]
    [InlineData("5603d3b06000-")]
    [InlineData("5603d3b06000-5603d3b08000")]
    [InlineData("5603d3b06000-5603d3b08000 r--p 00000000 fe:00")]
    [InlineData("5603d3b08000-5603d3b06000 r--p 00000000 fe:00 1")]
    [InlineData("5603d3b06000-5603d3b06000 r--p 00000000 fe:00 1")]
    [InlineData("fffffffffffffffff-1ffffffffffffffff r--p 00000000 fe:00 1")]
    [InlineData("5603d3b06000-5603d3b08000 rwxq 00000000 fe:00 1")]
    [InlineData("5603d3b06000-5603d3b08000 r--pp 00000000 fe:00 1")]
    [InlineData("5603d3b06000-5603d3b08000 r--p 00000000 fe00 1")]
    [InlineData("-1-5 r--p 00000000 fe:00 1")]
    public void A_line_of_another_shape_is_passed_over_and_counted(string line)
    {
        var maps = ProcMaps.Enumerate(Encoding.UTF8.GetBytes(line + "\n7f0000000000-7f0000001000 rw-p 00000000 00:00 0\n"));
        maps.MoveNext().Should().BeTrue();
        maps.Current.Start.Should().Be(0x7f0000000000);
        maps.MoveNext().Should().BeFalse();
        maps.MalformedLines.Should().Be(1);
    }

    private const string Smaps = """
        7f0000000000-7f0000200000 rw-p 00000000 00:00 0
        Size:               2048 kB
        Rss:                1024 kB
        Pss:                 512 kB
        Referenced:          256 kB
        Anonymous:          1024 kB
        AnonHugePages:       128 kB
        Swap:                 64 kB
        Locked:               32 kB
        ABrandNewField:        1 parsec
        VmFlags: rd wr lo io pf ht hg nh zz
        7f0000400000-7f0000401000 r--p 00000000 fe:00 7 /lib/x
        Rss:                   4 kB

        """;

    [Fact]
    public void Smaps_gives_each_mapping_with_its_sizes_and_traits()
    {
        var smaps = ProcSmaps.Enumerate(Encoding.UTF8.GetBytes(Smaps));
        smaps.MoveNext().Should().BeTrue();
        var first = smaps.Current;
        (first.RssBytes, first.PssBytes, first.ReferencedBytes, first.AnonymousBytes, first.AnonHugePagesBytes, first.SwapBytes, first.LockedBytes)
            .Should().Be((1024 * 1024UL, 512 * 1024UL, 256 * 1024UL, 1024 * 1024UL, 128 * 1024UL, 64 * 1024UL, 32 * 1024UL));
        first.Traits.Should().Be(
            MappingTraits.Locked | MappingTraits.Io | MappingTraits.PageFrames | MappingTraits.HugeTlb | MappingTraits.HugePageAdvised | MappingTraits.NoHugePageAdvised);
        (first.IsComplete, first.CanHoldPages).Should().Be((true, false));
        smaps.MoveNext().Should().BeTrue();
        (smaps.Current.RssBytes, smaps.Current.ReferencedBytes, smaps.Current.IsComplete).Should().Be((4096UL, 0UL, false), "a mapping cut short says nothing about accesses");
        smaps.MoveNext().Should().BeFalse();
        smaps.MalformedLines.Should().Be(0);
    }

    [Theory]
    [InlineData("Rss: 99999999999999999999 kB")]
    [InlineData("Rss: 18446744073709551615 kB")]
    [InlineData("Rss: 12")]
    [InlineData("Rss: 12 MB")]
    [InlineData("Rss: -1 kB")]
    [InlineData("Rss:")]
    [InlineData("Rss 12 kB")]
    public void A_size_that_cannot_be_is_refused_and_the_mapping_incomplete(string field)
    {
        var smaps = ProcSmaps.Enumerate(Encoding.UTF8.GetBytes($"7f0000000000-7f0000200000 rw-p 00000000 00:00 0\n{field}\nReferenced: 0 kB\n"));
        smaps.MoveNext().Should().BeTrue();
        (smaps.Current.RssBytes, smaps.Current.IsComplete).Should().Be((0UL, false));
        smaps.MalformedLines.Should().Be(1);
    }

    [Fact]
    public void The_rollup_is_the_sum_the_kernel_made()
    {
        ProcSmapsRollup.TryParse("1000-2000 ---p 00000000 00:00 0 [rollup]\nRss: 8 kB\nPss: 6 kB\nReferenced: 4 kB\nSwap: 2 kB\n"u8, out var rollup).Should().BeTrue();
        rollup.Should().Be(new ProcSmapsRollup(8192, 6144, 4096, 0, 2048, 0, 0));
        ProcSmapsRollup.TryParse(""u8, out _).Should().BeFalse();
        ProcSmapsRollup.TryParse("1000-2000 ---p 00000000 00:00 0 [rollup]\nRss: 8 kB\n"u8, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("app", "app")]
    [InlineData("a b", "a b")]
    [InlineData("a) R 1 (b", "a) R 1 (b")]
    [InlineData(") (", ") (")]
    [InlineData("", "")]
    [InlineData("new\nline", "new\nline")]
    public void A_process_may_call_itself_anything(string command, string read)
    {
        ProcStat.TryParse(Encoding.UTF8.GetBytes(StatLine(command)), out var stat).Should().BeTrue();
        (stat.Pid, stat.State, stat.ParentPid, stat.UserTicks, stat.SystemTicks, stat.Threads, stat.StartTimeTicks).Should().Be((42, 'S', 7, 11UL, 12UL, 3UL, 5000UL));
        stat.Image.Should().Be(new ProcessImage(101, 103, 104, 105));
        Encoding.UTF8.GetString(stat.Command).Should().Be(read);
        stat.HasEnded.Should().BeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("42 (app")]
    [InlineData("42 (app) S 7")]
    [InlineData("0 (app) S 7 0 0 0 -1 0 0 0 0 0 11 12 0 0 20 0 3 0 5000")]
    [InlineData("42 (app) S -7 0 0 0 -1 0 0 0 0 0 11 12 0 0 20 0 3 0 5000")]
    [InlineData("42 (app) S 7 0 0 0 -1 0 0 0 0 0 11 12 0 0 20 0 3 0 99999999999999999999999")]
    [InlineData("42 (app) SS 7 0 0 0 -1 0 0 0 0 0 11 12 0 0 20 0 3 0 5000")]
    [InlineData("99999999999 (app) S 7 0 0 0 -1 0 0 0 0 0 11 12 0 0 20 0 3 0 5000")]
    [InlineData(")42 (")]
    public void A_stat_cut_short_or_hostile_is_refused(string content) => ProcStat.TryParse(Encoding.UTF8.GetBytes(content), out _).Should().BeFalse();

    [Fact]
    public void A_process_in_containers_is_known_by_several_pids()
    {
        ProcStatus.TryParse("Uid:\t1\t2\t3\t4\nNSpid:\t4711\t12\t1\nVmRSS:\t 8 kB\nVmSwap:\t 4 kB\nVmLck:\t 12 kB\nCapEff:\t0000000000280000\n"u8, out var status).Should().BeTrue();
        status.Should().Be(new ProcStatus(1, 2, 3, 1, 8192, 4096, 12288, 0x280000));
        ProcStatus.TryParse("Uid:\t0\t0\t0\t0\n"u8, out status).Should().BeTrue("a kernel thread has no Vm lines");
        status.RssBytes.Should().Be(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Name: x\n")]
    [InlineData("Uid:\t1\n")]
    [InlineData("Uid:\t99999999999\t1\n")]
    [InlineData("Uid:\t1\t1\nNSpid:\t-4\n")]
    [InlineData("Uid:\t1\t1\nVmRSS:\t4 MB\n")]
    [InlineData("Uid:\t1\t1\nCapEff:\tzz\n")]
    public void A_status_without_owner_or_with_impossible_values_is_refused(string content) => ProcStatus.TryParse(Encoding.UTF8.GetBytes(content), out _).Should().BeFalse();

    [Theory]
    [InlineData(0UL, false, false, false, false, 0UL)]
    [InlineData(0x8000000000000000UL, true, false, false, false, 0UL)]
    [InlineData(0x8100000000001234UL, true, false, false, true, 0x1234UL)]
    [InlineData(0xA07FFFFFFFFFFFFFUL, true, false, true, false, 0x7FFFFFFFFFFFFFUL)]
    [InlineData(0x4000000000001234UL, false, true, false, false, 0UL)]
    public void A_pagemap_entry_is_its_documented_bits(ulong bits, bool present, bool swapped, bool file, bool exclusive, ulong frame)
    {
        var entry = new PagemapEntry(bits);
        (entry.IsPresent, entry.IsSwapped, entry.IsFileOrShared, entry.IsExclusive, entry.Frame).Should().Be((present, swapped, file, exclusive, frame));
    }

    [Fact]
    public void Meminfo_needs_total_and_available()
    {
        Meminfo.TryParse("MemTotal: 100 kB\nMemFree: 50 kB\nMemAvailable: 80 kB\nSwapTotal: 20 kB\nSwapFree: 10 kB\nHugePages_Total: 0\n"u8, out var meminfo).Should().BeTrue();
        meminfo.Should().Be(new Meminfo(102_400, 51_200, 81_920, 20_480, 10_240));
        Meminfo.TryParse("MemTotal: 100 kB\n"u8, out _).Should().BeFalse();
        Meminfo.TryParse("MemTotal: 100 kB\nMemAvailable: 8"u8, out _).Should().BeFalse();
    }

    [Fact]
    public void Swaps_of_another_shape_are_passed_over()
    {
        SwapDevice.Parse("Filename Type Size Used Priority\n/dev/zram0 partition 1024 24 100\n/swap\\040file file 8 0 -2\ngarbage\n/x file 5 9 1\n/y file 99999999999999999999 0 1\n"u8)
            .Should().Equal(new SwapDevice("/dev/zram0", "partition", 1_048_576, 24_576, 100), new SwapDevice("/swap\\040file", "file", 8192, 0, -2));
        SwapDevice.Parse(""u8).Should().BeEmpty();
    }

    [Fact]
    public void Pressure_gives_shares_and_totals()
    {
        Pressure.TryParse("some avg10=1.50 avg60=0.25 avg300=100.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.07 total=9 new=1\n"u8, out var pressure).Should().BeTrue();
        pressure.Should().Be(new Pressure(new PressureLine(1.5, 0.25, 100, 123), new PressureLine(0, 0, 0.07, 9)));
        Pressure.TryParse("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"u8, out _).Should().BeTrue("old kernels write no full line for cpu");
    }

    [Theory]
    [InlineData("")]
    [InlineData("full avg10=0.00 avg60=0.00 avg300=0.00 total=0")]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00")]
    [InlineData("some avg10=NaN avg60=0.00 avg300=0.00 total=0")]
    [InlineData("some avg10=1e9 avg60=0.00 avg300=0.00 total=0")]
    [InlineData("some avg10=-1.00 avg60=0.00 avg300=0.00 total=0")]
    [InlineData("some avg10=100.01 avg60=0.00 avg300=0.00 total=0")]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=99999999999999999999")]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=")]
    public void Pressure_that_cannot_be_is_refused(string content) => Pressure.TryParse(Encoding.UTF8.GetBytes(content), out _).Should().BeFalse();

    [Theory]
    [InlineData("0\n", 0UL, true)]
    [InlineData("4096", 4096UL, true)]
    [InlineData("max\n", ulong.MaxValue, true)]
    [InlineData("", 0UL, false)]
    [InlineData("\n", 0UL, false)]
    [InlineData("-1\n", 0UL, false)]
    [InlineData("12 34\n", 0UL, false)]
    [InlineData("maximal\n", 0UL, false)]
    [InlineData("18446744073709551616\n", 0UL, false)]
    public void A_cgroup_value_is_a_number_or_max(string content, ulong value, bool ok)
    {
        CgroupValue.TryParse(Encoding.UTF8.GetBytes(content), out var read).Should().Be(ok);
        read.Should().Be(value);
    }

    [Fact]
    public void Memory_stat_reads_the_same_from_both_versions()
    {
        CgroupMemoryStat.TryParse("anon 10\nfile 20\nshmem 3\ninactive_anon 1\nactive_anon 2\ninactive_file 4\nactive_file 5\nworkingset_refault_anon 6\nworkingset_refault_file 7\npgmajfault 8\n"u8, out var v2).Should().BeTrue();
        CgroupMemoryStat.TryParse("cache 1\nrss 1\ntotal_cache 20\ntotal_rss 10\ntotal_shmem 3\ntotal_inactive_anon 1\ntotal_active_anon 2\ntotal_inactive_file 4\ntotal_active_file 5\ntotal_pgmajfault 8\n"u8, out var v1).Should().BeTrue();
        v2.Should().Be(new CgroupMemoryStat(10, 20, 3, 1, 2, 4, 5, 6, 7, 8, HasRefaults: true));
        v1.Should().Be(v2 with { RefaultsAnon = 0, RefaultsFile = 0, HasRefaults = false });
        CgroupMemoryStat.TryParse("anonymous 10\n"u8, out _).Should().BeFalse();
    }

    [Fact]
    public void Pids_outside_the_namespace_and_nonsense_are_counted_and_passed_over()
    {
        var found = new List<int>();
        var procs = CgroupProcs.Enumerate("1\n0\n-5\nx\n99999999999\n2147483647\n7"u8);
        while (procs.MoveNext())
        {
            found.Add(procs.Current);
        }

        found.Should().Equal(1, int.MaxValue, 7);
        procs.Unusable.Should().Be(4);
    }

    [Theory]
    [InlineData("0::/kubepods/pod1\n", "/kubepods/pod1", null)]
    [InlineData("4:memory:/a:b\n0::/\n", "/", "/a:b")]
    [InlineData("4:cpu,memory:/a\n", null, "/a")]
    [InlineData("4:memoryx:/a\nnonsense\n:::\n5:memory:relative\n", null, null)]
    [InlineData("", null, null)]
    public void A_process_s_cgroup_is_read_per_version(string content, string? unified, string? memory) =>
        ProcCgroup.Parse(Encoding.UTF8.GetBytes(content)).Should().Be(new ProcCgroup(unified, memory));

    [Theory]
    [InlineData("[always] madvise never\n", TransparentHugePageMode.Always)]
    [InlineData("always [madvise] never\n", TransparentHugePageMode.MAdvise)]
    [InlineData("always madvise [never]\n", TransparentHugePageMode.Never)]
    [InlineData("always [inherit] never\n", TransparentHugePageMode.Unknown)]
    [InlineData("]always[", TransparentHugePageMode.Unknown)]
    [InlineData("", TransparentHugePageMode.Unknown)]
    public void The_chosen_huge_page_mode_stands_in_brackets(string content, TransparentHugePageMode mode) =>
        TransparentHugePages.Parse(Encoding.UTF8.GetBytes(content)).Should().Be(mode);

    private static string StatLine(string command) =>
        $"42 ({command}) S 7 42 42 0 -1 4194304 1 2 3 4 11 12 0 0 20 0 3 0 5000 1000 250 18446744073709551615 101 102 103 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 104 1 105 1 2 3 4 0\n";
}

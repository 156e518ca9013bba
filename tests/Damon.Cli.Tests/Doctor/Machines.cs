using Damon.Testing;

namespace Damon.Cli.Tests.Doctor;

/// <summary>Machines made of files.</summary>
internal static class Machines
{
    public const string Kdamonds = "/sys/kernel/mm/damon/admin/kdamonds";
    public const string IdleBitmap = "/sys/kernel/mm/page_idle/bitmap";

    private const ulong OwnMapping = 0x7f00_0000_0000;

    /// <summary>Everything is there, every capability is held, and nobody uses DAMON.</summary>
    public static FakeHost WithEverything()
    {
        var host = FakeHost.With(
            ("/proc/sys/kernel/osrelease", "6.12.95+deb12-amd64\n"),
            ("/proc/meminfo", "MemTotal: 16777216 kB\nMemFree: 4194304 kB\nMemAvailable: 8388608 kB\nSwapTotal: 4194304 kB\nSwapFree: 3145728 kB\n"),
            ("/proc/swaps", "Filename Type Size Used Priority\n/dev/zram0 partition 4194304 1048576 5\n"),
            ("/proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"),
            ("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"),
            ("/proc/self/smaps", "7f0000000000-7f0000001000 rw-p 00000000 00:00 0\nRss: 4 kB\nReferenced: 4 kB\n"),
            ("/proc/self/maps", "7f0000000000-7f0000001000 rw-p 00000000 00:00 0\n"),
            ("/proc/self/clear_refs", ""),
            ("/proc/kpageflags", ""),
            ("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"),
            ("/sys/devices/system/node/online", "0-1\n"),
            ("/sys/devices/system/node/has_memory", "0-1\n"),
            ("/sys/devices/system/node/has_cpu", "0\n"),
            ("/sys/devices/virtual/memory_tiering/memory_tier4/nodelist", "0\n"),
            ("/sys/devices/virtual/memory_tiering/memory_tier22/nodelist", "1\n"),
            ("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n"),
            ("/sys/fs/cgroup/memory.reclaim", ""),
            (IdleBitmap, ""),
            (Kdamonds + "/nr_kdamonds", "0\n"));
        return host.WriteAt("/proc/self/pagemap", (long)(OwnMapping / (ulong)Environment.SystemPageSize * sizeof(ulong)), BitConverter.GetBytes((1UL << 63) | 77));
    }

    /// <summary>A kernel of its own making on which nothing works: no optional file, no capability, no swap.</summary>
    public static FakeHost WithNothing() => FakeHost.With(
        ("/proc/sys/kernel/osrelease", "5.4.0\n"),
        ("/proc/meminfo", "MemTotal: 1048576 kB\nMemFree: 524288 kB\nMemAvailable: 786432 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"),
        ("/proc/swaps", "Filename Type Size Used Priority\n"),
        ("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n"));

    /// <summary>Somebody else's kdamond samples physical memory, and idle-page tracking is missing: what remains is what must be named.</summary>
    public static FakeHost WithForeignKdamond()
    {
        var host = WithEverything();
        host.Write("/sys/module/damon_reclaim/parameters/enabled", "N\n").Write("/sys/module/damon_reclaim/parameters/kdamond_pid", "-1\n");
        host.Write(Kdamonds + "/nr_kdamonds", "1\n").Write(Kdamonds + "/0/state", "on\n").Write(Kdamonds + "/0/pid", "77\n").Write(Kdamonds + "/0/contexts/0/operations", "paddr\n");
        return host.Remove(IdleBitmap);
    }
}

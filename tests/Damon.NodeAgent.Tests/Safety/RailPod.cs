using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

/// <summary>A fake host with a calm node and one calm pod of one container: what a test changes is what trips.</summary>
internal sealed class RailPod : IDisposable
{
    public const string Uid = "0b1f";
    public const string Container = "c1";
    public const string Pod = "/sys/fs/cgroup/kubepods/pod0b1f";
    public const string App = Pod + "/c1";
    public const ulong MiB = 1 << 20;

    public RailPod()
    {
        Host = FakeHost.With(
            ("/proc/pressure/memory", Pressure()),
            ("/proc/meminfo", Meminfo(1000, 1000)),
            ("/proc/vmstat", Vmstat(0)),
            ("/proc/1/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n"));
        foreach (var group in (string[])[Pod, App])
        {
            Host.Write(group + "/memory.pressure", Pressure()).Write(group + "/io.pressure", Pressure())
                .Write(group + "/memory.current", $"{1024 * MiB}\n").Write(group + "/memory.min", "0\n").Write(group + "/memory.low", "0\n")
                .Write(group + "/memory.swap.max", "max\n").Write(group + "/memory.swap.current", "0\n")
                .Write(group + "/memory.stat", Stat(0)).Write(group + "/memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
        }

        Plan = new PlanAgeRail(Clock, TimeSpan.Zero);
        Book = new RailBook(Host.Root, Clock, 4096, Plan, SafetyLimits.Default);
    }

    public FakeHost Host { get; }

    public FakeTimeProvider Clock { get; } = new();

    public PlanAgeRail Plan { get; }

    public RailBook Book { get; set; }

    public RailTarget Target => new(
        Uid, Pod, Host.Root.Identify(Pod).Value, 0, [new RailContainer(Container, App, 0, Clock.GetUtcNow() - TimeSpan.FromHours(1))]);

    public static string Pressure(double some10 = 0, double some60 = 0, double full10 = 0) =>
        FormattableString.Invariant($"some avg10={some10:0.00} avg60={some60:0.00} avg300=0.00 total=1\nfull avg10={full10:0.00} avg60=0.00 avg300=0.00 total=0\n");

    public static string Meminfo(ulong swapMiB, ulong freeMiB) => $"MemTotal: 4096 kB\nMemFree: 1 kB\nMemAvailable: 1 kB\nSwapTotal: {swapMiB * 1024} kB\nSwapFree: {freeMiB * 1024} kB\n";

    public static string Vmstat(ulong swappedMiB) => $"nr_free_pages 1\npswpin 0\npswpout {swappedMiB * 256}\n";

    public static string Stat(ulong refaultPages, ulong anonMiB = 512) =>
        $"anon {anonMiB * MiB}\nfile {512 * MiB}\ninactive_file 0\nworkingset_refault_anon {refaultPages}\nworkingset_refault_file 0\n";

    public void Wait(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Dispose()
    {
        Book.Dispose();
        Host.Dispose();
    }
}

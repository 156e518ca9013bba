using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Testing.ControlPlane.Programs;

/// <summary>
/// A host for a real agent: files, with pods whose containers have a process each. Those processes are nobody's: their pids are above the largest that a Linux kernel gives, so whatever an agent did to
/// one would reach nobody. What can be sensed is what the Referenced backend reads.
/// </summary>
public sealed class AgentHost : IDisposable
{
    /// <summary>PID_MAX_LIMIT of the kernel, and more.</summary>
    private const int FirstPid = 5_000_000;
    private const ulong Mib = 1 << 20;

    private readonly FakeKubepods _pods;
    private int _next;

    /// <summary>A calm node without pods.</summary>
    /// <param name="node">The node's name.</param>
    public AgentHost(string node)
    {
        Node = node;
        Host = FakeHost.With(
            ("/proc/sys/kernel/random/boot_id", "boot-1\n"),
            ("/proc/sys/kernel/osrelease", "6.12.1\n"),
            ("/proc/pressure/memory", Pressure),
            ("/proc/meminfo", "MemTotal: 4194304 kB\nMemFree: 1048576 kB\nMemAvailable: 2097152 kB\nSwapTotal: 1048576 kB\nSwapFree: 1048576 kB\n"),
            ("/proc/vmstat", "nr_free_pages 262144\npswpin 0\npswpout 0\n"),
            ("/proc/1/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw,memory_localevents 0 0\n"),
            ("/proc/self/clear_refs", ""),
            ("/proc/self/status", "Name:\tdamon-agent\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"),
            ("/proc/self/smaps", Smaps),
            ("/sys/devices/system/node/online", "0\n"));
        _pods = new FakeKubepods(Host);
    }

    public FakeHost Host { get; }

    public string Node { get; }

    private static string Pressure => "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

    private static string Smaps =>
        "560000000000-560000001000 rw-p 00000000 00:00 0\nSize: 4 kB\nKernelPageSize: 4 kB\nRss: 4 kB\nPss: 4 kB\nReferenced: 4 kB\nAnonymous: 4 kB\nSwap: 0 kB\nVmFlags: rd wr mr mw me ac \n";

    /// <summary>Makes a pod that runs on this node: the object, and what a kubelet would make of it.</summary>
    /// <param name="client">Makes the object.</param>
    /// <param name="ns">Its namespace, which there is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="app">The value of its label <c>app</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task StartPodAsync(ApiClient client, string ns, string name, string app, CancellationToken cancellation)
    {
        var made = await client.CreateAsync(
            ResourceKind.Pods,
            ns,
            Encoding.UTF8.GetBytes(
                $$"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"{{ns}}","labels":{"app":"{{app}}"} },
                 "spec":{"nodeName":"{{Node}}","containers":[{"name":"main","image":"registry.example/main:v1","resources":{"requests":{"memory":"64Mi"} } }]} }
                """),
            cancellation);
        if (!made.Succeeded)
            throw new InvalidOperationException(made.Failure.ToString());
        var uid = ObjectHeader.Read(made.Value.Span).Uid;
        var number = Interlocked.Increment(ref _next);
        var pod = _pods.AddPod(uid);
        WriteGroup(pod.Directory);
        var container = pod.Start("main", $"{number:x64}");
        WriteGroup(container.Directory);
        // The process that it starts with has a low pid: another one is put in its place.
        var process = container.Fork(FirstPid + number);
        container.Exit(container.Processes[0].Pid);
        _ = Host.Process(process.Pid, 1, process.StartTimeTicks, "main", new FakeMapping(0x7000_0000_0000, 0x7000_0000_0000 + (64 * Mib)) { RssBytes = 64 * Mib, AnonymousBytes = 64 * Mib });
        _pods.WriteProcess(process, container.Path);

        var started = TimeProvider.System.GetUtcNow().AddHours(-1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var told = await client.PatchAsync(
            ResourceKind.Pods,
            new ObjectKey(ns, name),
            PatchKind.Merge,
            Encoding.UTF8.GetBytes(
                $$"""
                {"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"{{started}}"}],
                 "containerStatuses":[{"name":"main","ready":true,"restartCount":0,"image":"registry.example/main:v1","imageID":"x","containerID":"{{container.RuntimeId}}",
                  "state":{"running":{"startedAt":"{{started}}"} } }]} }
                """),
            "kubelet",
            force: false,
            cancellation,
            "status");
        if (!told.Succeeded)
            throw new InvalidOperationException(told.Failure.ToString());
    }

    public void Dispose() => Host.Dispose();

    private void WriteGroup(string group) => Host
        .Write(group + "/memory.pressure", Pressure).Write(group + "/io.pressure", Pressure)
        .Write(group + "/memory.current", $"{1UL << 30}\n").Write(group + "/memory.min", "0\n").Write(group + "/memory.low", "0\n")
        .Write(group + "/memory.swap.max", "max\n").Write(group + "/memory.swap.current", "0\n")
        .Write(group + "/memory.stat", $"anon {512 * Mib}\nfile {512 * Mib}\ninactive_file 0\nworkingset_refault_anon 0\nworkingset_refault_file 0\n")
        .Write(group + "/memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
}

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Standalone;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Pods;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>The loop over a process of this machine, in a pod whose control groups are a fake: what it does is seen in that process's smaps.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Starts and ends a process of its own, with files and memory of its own, and looks at them.")]
public sealed class RealProcessTests : IDisposable
{
    private const string Monitoring = """ "monitoring":{"sampleInterval":"50ms","aggregationInterval":"500ms","updateInterval":"2s"},"target":{"podSelector":{},"all":true},"backend":"Referenced" """;
    private const string Pageout = """{"mode":"Enforce","action":{"type":"Pageout"},"quota":{"size":"64Mi"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"3s"}},""" + Monitoring + "}";
    private const string Collapse = """{"mode":"Enforce","action":{"type":"Collapse"},"quota":{"size":"64Mi"},"pattern":{"accessRate":{"min":"20%"}},""" + Monitoring + "}";

    // Beside the tests' own programs: the page cache of a file system in memory has nowhere to go.
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"memory-{Environment.ProcessId}")).FullName;
    private readonly FakeHost _host = new();

    public void Dispose()
    {
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Cold_memory_of_a_file_is_paged_out_and_hot_memory_is_not()
    {
        SkipWithout(SchemeAction.Pageout);
        await WithPodAsync(Pageout, async (child, cancellation) =>
        {
            while (ResidentOf(child, "cold.bin") > MemoryUser.ColdBytes / 10)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellation);
            }

            ResidentOf(child, "hot.bin").Should().Be(MemoryUser.HotBytes);
        });
    }

    [Fact]
    public async Task Hot_memory_becomes_huge_pages()
    {
        SkipWithout(SchemeAction.Collapse);
        await WithPodAsync(Collapse, async (child, cancellation) =>
        {
            // Three quarters: where a huge page's memory cannot be had, the kernel leaves that one as it is.
            while (SumOf(child, "AnonHugePages:", _ => true) < MemoryUser.HugeBytes * 3 / 4)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellation);
            }
        });
    }

    private static void SkipWithout(SchemeAction action)
    {
        var facts = MachineFacts.Read(new HostRoot("/"));
        var backend = facts.Backend(MonitoringBackend.Referenced);
        Assert.SkipUnless(backend.IsAvailable, backend.Message);
        Assert.SkipUnless(facts.Action(action).IsAvailable, facts.Action(action).Message);
    }

    private static long ResidentOf(Process child, string file) => SumOf(child, "Rss:", header => header.EndsWith("/" + file, StringComparison.Ordinal));

    /// <summary>Sums a figure of the mappings whose first line fits.</summary>
    private static long SumOf(Process child, string field, Func<string, bool> fits)
    {
        var (sum, isIn) = (0L, false);
        foreach (var line in File.ReadLines($"/proc/{child.Id}/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
            {
                isIn = fits(line);
            }
            else if (isIn && line.StartsWith(field, StringComparison.Ordinal))
            {
                sum += long.Parse(line[field.Length..^" kB".Length], CultureInfo.InvariantCulture) * 1024;
            }
        }

        return sum;
    }

    private async Task WithPodAsync(string scheme, Func<Process, CancellationToken, Task> body)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(DotnetHost.ProgramPath, [typeof(RealProcessTests).Assembly.Location, MemoryUser.Verb, _folder]) { UseShellExecute = false };
        using var child = Process.Start(start)!;
        using var inbox = new AgentInbox();
        var log = new List<string>();
        using var stop = new CancellationTokenSource();
        try
        {
            while (!File.Exists($"{_folder}/ready"))
            {
                child.HasExited.Should().BeFalse();
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellation);
            }

            PutIntoPod(child, inbox);
            inbox.PutConfig(PlanDocuments.Config("""{"mode":"Enforce","safety":{"startGrace":"0s"},"ceilings":{"agentCpu":"50%"}}"""));
            inbox.PutNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("real", scheme)));
            using var loop = new NodeLoop(
                _host.Root, TimeProvider.System, new NodeLoopOptions { NodeName = "n1" }, inbox, new RealBackends(_host.Root), new ListLog(log));
            var running = Task.Factory.StartNew(() => loop.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(TimeSpan.FromMinutes(2));
            try
            {
                await body(child, patience.Token);
            }
            catch (OperationCanceledException)
            {
                loop.Snapshot.Should().BeNull("it should have been done by now; log: {0}", string.Join('\n', log));
            }

            loop.Snapshot.Node.Faults.Should().Be(0, loop.Snapshot.Node.LastFault);
            await stop.CancelAsync();
            await running;
            child.HasExited.Should().BeFalse("nothing was done to it but what the scheme says");
        }
        finally
        {
            await stop.CancelAsync();
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>The pod's groups are files; of the process all but its group is the kernel's.</summary>
    private void PutIntoPod(Process child, AgentInbox inbox)
    {
        _host.Write("/proc/pressure/memory", RailPod.Pressure()).Write("/proc/meminfo", RailPod.Meminfo(1000, 1000)).Write("/proc/vmstat", RailPod.Vmstat(0))
            .Write("/proc/1/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw,memory_localevents 0 0\n");
        var node = new FakeKubepods(_host);
        var pod = node.AddPod(PodRecords.Uid);
        var container = pod.Start("c0", PodRecords.Id);
        foreach (var group in (string[])[pod.Directory, container.Directory])
        {
            _host.Write(group + "/memory.pressure", RailPod.Pressure()).Write(group + "/io.pressure", RailPod.Pressure())
                .Write(group + "/memory.current", $"{1UL << 30}\n").Write(group + "/memory.min", "0\n").Write(group + "/memory.low", "0\n")
                .Write(group + "/memory.swap.max", "max\n").Write(group + "/memory.swap.current", "0\n")
                .Write(group + "/memory.stat", RailPod.Stat(0)).Write(group + "/memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
        }

        _host.Write(container.Directory + "/cgroup.procs", $"{child.Id}\n").Write($"/proc/{child.Id}/cgroup", $"0::{container.Path}\n");
        foreach (var file in (string[])["stat", "status", "maps", "smaps", "smaps_rollup", "pagemap", "clear_refs", "cmdline", "comm"])
        {
            File.CreateSymbolicLink($"{_host.Folder}/proc/{child.Id}/{file}", $"/proc/{child.Id}/{file}");
        }

        inbox.PutPods([PodRecords.Of(pod)]);
    }

    private sealed class RealBackends(HostRoot host) : INodeBackends
    {
        public bool RefreshMemory() => false;

        public MachineFacts Facts { get; } = MachineFacts.Read(new HostRoot("/"));

        public IReadOnlySet<DamonModule> ExclusiveModules { get; set; } = new HashSet<DamonModule>();

        public void Refresh()
        {
        }

        // A kdamond of somebody else may run here: what it sees of this one process does not matter.
        public BackendDecision Choose(RequestedBackend requested) => new(MonitoringBackend.Referenced, "Available", "");

        public ITargetFactory Targets(MonitoringBackend backend) => new HostTargetFactory(host, TimeProvider.System, backend);

        public BackendDecision ChooseForNode() => new(null, "NotInKernel", "No kernel acts here.");

        public KernelSensing Kernel(KernelPlace place) => throw new InvalidOperationException("No kernel senses here.");

        public IPagePlaces? Places(ProcessIdentity process) => null;
    }

    private sealed class ListLog(List<string> lines) : IAgentLog
    {
        public void Info(string message) => Add(message);

        public void Unexpected(string what, Exception exception) => Add($"{what}: {exception}");

        private void Add(string line)
        {
            lock (lines)
            {
                lines.Add(line);
            }
        }
    }
}

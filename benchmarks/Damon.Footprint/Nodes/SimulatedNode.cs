using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Damon.Testing;
using Microsoft.Win32.SafeHandles;

namespace Damon.Footprint.Nodes;

/// <summary>
/// A node with pods as a tree of files: control groups, processes with their page maps, the frames' flags and the idle bitmap. Nothing in it runs: what processors would do, taking the marks of frames that are
/// accessed, is done when it is asked for (<see cref="AccessClock"/>).
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file of the simulated node.")]
internal sealed class SimulatedNode : IDisposable
{
    private const ulong FirstFrame = 64;
    private const ulong PresentBit = 1UL << 63;
    private const ulong FileBit = 1UL << 61;
    private const ulong ExclusiveBit = 1UL << 56;
    private const ulong LruFlag = 1UL << 5;
    private const ulong AnonymousFlag = 1UL << 12;
    private const string Bitmap = "/sys/kernel/mm/page_idle/bitmap";

    private readonly NodeShape _shape;
    private readonly FrameArea _hot, _warm, _cold;
    private readonly SafeFileHandle _bitmap;
    private readonly byte[] _none;

    /// <summary>A node without pods.</summary>
    /// <param name="shape">What it has when all pods are there.</param>
    /// <param name="pids">Pids for its processes.</param>
    public SimulatedNode(NodeShape shape, IEnumerable<int> pids)
    {
        _shape = shape;
        var next = pids.GetEnumerator();
        Pods = new FakeKubepods(Host)
        {
            GivePid = () => next.MoveNext() ? next.Current : throw new InvalidOperationException("There are more processes than pids."),
        };
        var quarter = (ulong)shape.Processes * (shape.HeapBytes / ProcessLayout.PageBytes) / 4;
        _hot = new FrameArea(FirstFrame, quarter);
        _warm = new FrameArea(_hot.End, quarter);
        _cold = new FrameArea(_warm.End, (2 * quarter) + ((ulong)shape.Processes * ProcessLayout.OtherPages) + 1);
        WriteMachine();
        _bitmap = File.OpenHandle(Host.Folder + Bitmap, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _none = new byte[Math.Max(_hot.BitmapBytes, _cold.BitmapBytes)];
    }

    public FakeHost Host { get; } = new();

    public FakeKubepods Pods { get; }

    /// <summary>Adds a pod with its processes.</summary>
    /// <param name="uid">As the API server knows it.</param>
    /// <param name="qos">Its class.</param>
    /// <param name="containerId">The id of its container.</param>
    /// <returns>The container.</returns>
    public FakeContainer AddPod(string uid, FakeQos qos, string containerId)
    {
        var pod = Pods.AddPod(uid, qos);
        WriteGroup(pod.Directory);
        var container = pod.Start("main", containerId);
        WriteGroup(container.Directory);
        container.ForkMany(_shape.ProcessesPerPod - 1);
        foreach (var process in container.Processes)
        {
            WriteProcess(process.Pid, process.StartTimeTicks);
        }

        return container;
    }

    /// <summary>All memory of a kind is accessed: its frames' marks go.</summary>
    public void Access(StripeKind kind)
    {
        var area = kind switch { StripeKind.Hot => _hot, StripeKind.Warm => _warm, _ => _cold };
        RandomAccess.Write(_bitmap, _none.AsSpan(0, area.BitmapBytes), area.BitmapOffset);
    }

    public void Dispose()
    {
        _bitmap.Dispose();
        Host.Dispose();
    }

    private void WriteMachine()
    {
        // The agent's own process in the host's /proc: what it may do, and one page whose frame it sees.
        Host.Write("/proc/self/status", "Name:\tdamon-agent\nUid:\t0\t0\t0\t0\nNSpid:\t1\nVmRSS:\t8 kB\nCapEff:\t000001ffffffffff\n").Write("/proc/self/maps", "00010000-00012000 rw-p 00000000 00:00 0 \n")
            .WriteAt("/proc/self/pagemap", 0x10 * sizeof(ulong), MemoryMarshal.AsBytes<ulong>([PresentBit | ExclusiveBit | _cold.Take(1)]));
        Host.Write("/proc/sys/kernel/random/boot_id", "11111111-2222-4333-8444-555555555555\n").Write("/proc/sys/kernel/osrelease", "6.12.1-simulated\n")
            .Write("/proc/pressure/memory", KernelTexts.Pressure).Write("/proc/meminfo", KernelTexts.Meminfo()).Write("/proc/vmstat", KernelTexts.Vmstat()).Write("/proc/zoneinfo", KernelTexts.Zoneinfo())
            .Write("/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/sdb partition 8388604 0 -2\n").Write("/proc/1/mounts", KernelTexts.Mounts)
            .Write("/sys/devices/system/node/online", "0-1\n").Write("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
            .Write("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n").Write("/sys/fs/cgroup/cpuset.mems.effective", "0-1\n")
            .Write(Bitmap, new byte[_cold.End / 8]);
        var flags = new ulong[_cold.End];
        flags.AsSpan().Fill(LruFlag | AnonymousFlag);
        Host.Write("/proc/kpageflags", MemoryMarshal.AsBytes<ulong>(flags));
    }

    private void WriteGroup(string group)
    {
        var anon = (ulong)_shape.ProcessesPerPod * _shape.HeapBytes;
        Host.Write(group + "/memory.pressure", KernelTexts.Pressure).Write(group + "/io.pressure", KernelTexts.Pressure).Write(group + "/memory.current", $"{anon + (64 << 20)}\n")
            .Write(group + "/memory.min", "0\n").Write(group + "/memory.low", "0\n").Write(group + "/memory.swap.max", "max\n").Write(group + "/memory.swap.current", "0\n")
            .Write(group + "/memory.stat", KernelTexts.MemoryStat(anon, 64 << 20)).Write(group + "/memory.events", KernelTexts.Events).Write(group + "/memory.events.local", KernelTexts.Events)
            .Write(group + "/cpuset.mems.effective", "0-1\n");
    }

    private void WriteProcess(int pid, ulong startTimeTicks)
    {
        var mappings = ProcessLayout.Mappings(_shape.HeapBytes).ToArray();
        Host.Process(pid, startTimeTicks: startTimeTicks, mappings: mappings);
        Host.Write($"/proc/{pid}/numa_maps", "40000000 default anon=16384 dirty=16384 N0=16384 kernelpagesize_kB=4\n");
        foreach (var mapping in mappings)
        {
            WritePages(pid, mapping);
        }
    }

    private void WritePages(int pid, FakeMapping mapping)
    {
        var entries = new ulong[(mapping.End - mapping.Start) / ProcessLayout.PageBytes];
        var isHeap = mapping.Start == ProcessLayout.HeapStart;
        const ulong StripePages = ProcessLayout.StripeBytes / ProcessLayout.PageBytes;
        for (var at = 0UL; at < (ulong)entries.Length;)
        {
            var area = !isHeap ? _cold : ProcessLayout.KindOf(at / StripePages) switch { StripeKind.Hot => _hot, StripeKind.Warm => _warm, _ => _cold };
            var count = isHeap ? StripePages : (ulong)entries.Length;
            var frame = area.Take(count);
            for (var i = 0UL; i < count; i++)
            {
                entries[at + i] = PresentBit | ExclusiveBit | (mapping.Path.StartsWith('/') ? FileBit : 0) | (frame + i);
            }

            at += count;
        }

        Host.WriteAt($"/proc/{pid}/pagemap", (long)(mapping.Start / ProcessLayout.PageBytes * sizeof(ulong)), MemoryMarshal.AsBytes<ulong>(entries));
    }
}

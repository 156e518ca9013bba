namespace Damon.Testing.KernelDamon;

/// <summary>The processes of a fake kernel, and how each uses its memory. kthreadd, pid 2, is always there and has no memory.</summary>
public sealed class FakeKernelProcesses
{
    /// <summary>The kernel's thread that starts its threads.</summary>
    public const int Kthreadd = 2;

    private readonly Dictionary<int, IReadOnlyList<FakeRegion>> _regions = new() { [Kthreadd] = [] };
    private int _next = 1000;

    /// <summary>Starts a process under the next pid.</summary>
    public int Start(params FakeRegion[] regions)
    {
        Set(++_next, regions);
        return _next;
    }

    /// <summary>Starts a process under a pid, or changes how it uses its memory.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="regions">
    /// Its memory. What has other addresses than before is seen once the kernel looks for mappings again (<c>update_us</c>), other accesses are seen at once.
    /// </param>
    public void Set(int pid, params FakeRegion[] regions) => _regions[pid] = [.. regions.OrderBy(region => region.Start)];

    /// <summary>The process ends.</summary>
    public void End(int pid) => _regions.Remove(pid);

    /// <summary>Whether there is such a process.</summary>
    public bool IsAlive(int pid) => _regions.ContainsKey(pid);

    /// <summary>Its memory, addresses ascending; empty where it is gone.</summary>
    public IReadOnlyList<FakeRegion> RegionsOf(int pid) => _regions.GetValueOrDefault(pid, []);
}

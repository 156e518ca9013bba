using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Machine;

/// <summary>
/// The state of the machine's memory as its files tell it: /proc/meminfo, /proc/pressure/memory, each node's meminfo and the control groups' memory.numa_stat (v2).
/// What is gone, forbidden or not what the kernel writes is told by <see cref="LastError"/>, never by an exception.
/// </summary>
/// <param name="host">The host.</param>
public sealed class HostSystemMemory(HostRoot host) : ISystemMemory
{
    /// <summary>A control group's numbers for a thousand nodes are some 600 KiB.</summary>
    private readonly HostReader _reader = new(maxBytes: 2 * 1024 * 1024);

    private CgroupLayout? _layout;

    /// <inheritdoc/>
    public string LastError { get; private set; } = "";

    /// <inheritdoc/>
    public bool TryReadMachine(out MemoryTotals totals)
    {
        const string Path = "/proc/meminfo";
        totals = default;
        if (!TryRead(Path))
        {
            return false;
        }

        if (!Meminfo.TryParse(_reader.Content, out var memory))
        {
            return IsMalformed(Path, "total or available memory is missing, or a number is impossible");
        }

        totals = new MemoryTotals(memory.TotalBytes, memory.FreeBytes, memory.AvailableBytes, memory.ActiveBytes, memory.InactiveBytes);
        return true;
    }

    /// <inheritdoc/>
    public bool TryReadNode(int node, out MemoryTotals totals)
    {
        totals = default;
        var path = $"/sys/devices/system/node/node{node}/meminfo";
        if (!TryRead(path))
        {
            return false;
        }

        if (!NodeMeminfo.TryParse(_reader.Content, out var memory))
        {
            return IsMalformed(path, "total or free memory is missing, or a number is impossible");
        }

        totals = new MemoryTotals(memory.TotalBytes, memory.FreeBytes, memory.FreeBytes, memory.ActiveBytes, memory.InactiveBytes);
        return true;
    }

    /// <inheritdoc/>
    public bool TryReadCgroup(string cgroup, int node, out ulong usedBytes)
    {
        usedBytes = 0;

        // How control groups are mounted does not change while a machine runs. While they are not mounted yet it is looked at again.
        var layout = _layout ?? CgroupLayout.Detect(host);
        if (!layout.MemoryIsV2)
        {
            LastError = "memory is not accounted in control groups of version 2 here, and no other version says how much is on a node";
            return false;
        }

        _layout = layout;
        var path = $"{layout.MemoryRoot}/{cgroup.Trim('/')}/memory.numa_stat";
        if (!TryRead(path))
        {
            return false;
        }

        return CgroupNumaStat.TryGetUsed(_reader.Content, node, out usedBytes) || IsMalformed(path, $"it does not say how much anonymous and file memory is on node {node}");
    }

    /// <inheritdoc/>
    public bool TryReadPressure(out TimeSpan someStalled)
    {
        const string Path = "/proc/pressure/memory";
        someStalled = default;
        if (!TryRead(Path))
        {
            return false;
        }

        if (!Pressure.TryParse(_reader.Content, out var pressure) || pressure.Some.TotalMicroseconds > (ulong)TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond)
        {
            return IsMalformed(Path, "the line 'some' is missing or not of the kernel's form");
        }

        someStalled = TimeSpan.FromTicks((long)pressure.Some.TotalMicroseconds * TimeSpan.TicksPerMicrosecond);
        return true;
    }

    private bool TryRead(string path)
    {
        var read = host.Read(path, _reader);
        LastError = read.IsOk ? "" : read.Error.ToString();
        return read.IsOk;
    }

    private bool IsMalformed(string path, string detail)
    {
        LastError = new HostError(HostErrorKind.Malformed, path, detail).ToString();
        return false;
    }
}

using Damon.Engine.Host;

namespace Damon.Engine.Actions;

/// <summary>
/// The mappings of one process as an actor needs them, read again when they are older than <see cref="MaxAge"/>. Locked mappings are only looked for where the
/// process has locked memory at all: <c>smaps</c> walks every page, <c>maps</c> and <c>status</c> do not.
/// </summary>
internal sealed class TargetMappings : IDisposable
{
    /// <summary>A mapping that changed meanwhile costs a wrong prediction or a refused call, both of which are noticed.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly HostRoot _host;
    private readonly HostFile _maps;
    private readonly HostFile _smaps;
    private readonly HostFile _status;
    private readonly TimeProvider _time;
    private readonly List<TargetMapping> _mappings = [];
    private long _readAt;
    private bool _isRead;

    private TargetMappings(HostRoot host, HostFile maps, HostFile smaps, HostFile status, TimeProvider time)
    {
        _host = host;
        _maps = maps;
        _smaps = smaps;
        _status = status;
        _time = time;
    }

    /// <summary>Whether there is free swap.</summary>
    public bool HasFreeSwap { get; private set; }

    public static HostResult<TargetMappings> Open(HostRoot host, int pid, TimeProvider time)
    {
        var maps = host.Open($"/proc/{pid}/maps");
        var smaps = host.Open($"/proc/{pid}/smaps");
        var status = host.Open($"/proc/{pid}/status");
        if (maps.IsOk && smaps.IsOk && status.IsOk)
        {
            return new TargetMappings(host, maps.Value, smaps.Value, status.Value, time);
        }

        foreach (var opened in new[] { maps, smaps, status })
        {
            (opened.TryGet(out var file) ? file : null)?.Dispose();
        }

        var error = !maps.IsOk ? maps.Error : !smaps.IsOk ? smaps.Error : status.Error;
        return error.Kind == HostErrorKind.Denied ? error with { Detail = "CAP_SYS_PTRACE lets it be read" } : error;
    }

    /// <summary>Reads again where the last reading is too old.</summary>
    public HostErrorKind Refresh()
    {
        if (_isRead && _time.GetElapsedTime(_readAt) < MaxAge)
        {
            return HostErrorKind.None;
        }

        _isRead = false;
        var reader = ThreadBuffers.Own.Reader;
        var status = reader.Read(_status);
        if (!status.IsOk)
        {
            return status.Error.Kind;
        }

        // The status of a process without memory has no Vm lines: then there is nothing locked either.
        var hasLocks = ProcStatus.TryParse(reader.Content, out var parsed) && parsed.LockedBytes > 0;
        var read = reader.Read(hasLocks ? _smaps : _maps);
        if (!read.IsOk)
        {
            return read.Error.Kind;
        }

        if (reader.Content.IsEmpty)
        {
            return HostErrorKind.Vanished;
        }

        _mappings.Clear();
        if (hasLocks)
        {
            foreach (var entry in ProcSmaps.Enumerate(reader.Content))
            {
                Add(entry.Mapping, !entry.CanHoldPages || (entry.Traits & MappingTraits.Locked) != MappingTraits.None);
            }
        }
        else
        {
            foreach (var mapping in ProcMaps.Enumerate(reader.Content))
            {
                Add(mapping, !mapping.CanHoldPages);
            }
        }

        HasFreeSwap = _host.Read("/proc/meminfo", reader).IsOk && Meminfo.TryParse(reader.Content, out var meminfo) && meminfo.SwapFreeBytes > 0;
        _readAt = _time.GetTimestamp();
        _isRead = true;
        return HostErrorKind.None;
    }

    /// <summary>The mapping an address lies in, or the first one behind it; one that reaches to the end of the address space and holds nothing where there is none.</summary>
    /// <param name="address">The address.</param>
    public TargetMapping At(ulong address)
    {
        int low = 0, high = _mappings.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_mappings[middle].End <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _mappings.Count ? _mappings[low] : new TargetMapping(ulong.MaxValue, ulong.MaxValue, FilePagesNeedSwap: false, IsHeld: false);
    }

    /// <summary>Huge pages in the mappings that the ranges touch, in bytes.</summary>
    public HostResult<ulong> ReadHugePageBytes(ReadOnlySpan<Regions.AddressRange> ranges)
    {
        var reader = ThreadBuffers.Own.Reader;
        var read = reader.Read(_smaps);
        if (!read.IsOk)
        {
            return read.Error;
        }

        var total = 0UL;
        foreach (var entry in ProcSmaps.Enumerate(reader.Content))
        {
            foreach (var range in ranges)
            {
                if (range.Start < entry.Mapping.End && entry.Mapping.Start < range.End)
                {
                    total = unchecked(total + entry.AnonHugePagesBytes);
                    break;
                }
            }
        }

        return total;
    }

    public void Dispose()
    {
        _maps.Dispose();
        _smaps.Dispose();
        _status.Dispose();
    }

    private void Add(in ProcMapping mapping, bool isHeld)
    {
        // Ascending without overlaps, or the search goes wrong; the kernel writes them so, except that a moved one may come twice.
        if (_mappings.Count == 0 || mapping.Start >= _mappings[^1].End)
        {
            _mappings.Add(new TargetMapping(mapping.Start, mapping.End, mapping.NeedsSwap, isHeld, mapping.Inode == 0 ? mapping.Start : mapping.OffsetBytes));
        }
    }
}

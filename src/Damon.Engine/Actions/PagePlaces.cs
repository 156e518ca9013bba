using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Regions;

namespace Damon.Engine.Actions;

/// <summary>
/// Says on which memory nodes one process's pages lie, by move_pages(2) without nodes: the call then only looks. It moves nothing, brings nothing into memory and marks nothing as accessed.
/// </summary>
/// <remarks>
/// <para>
/// Which pages are in memory is read from <c>/proc/PID/pagemap</c> first, since address space without pages costs a hundred times more to ask about than to read there. Both take the process's memory
/// lock for reading, for at most 512 pages at a time, and need the right to look at the process (PTRACE_MODE_READ: the same user, or CAP_SYS_PTRACE).
/// </para>
/// <para>
/// move_pages(2) takes a pid, so the identity is checked before and after: what is given was found while the pid meant that process. It is the pid as this program's kernel knows it. Where the host's
/// tree is not the machine's own, a recording for example, nothing is asked, and that is <see cref="HostErrorKind.Unsupported"/>.
/// </para>
/// </remarks>
public sealed class PagePlaces : IDisposable
{
    /// <summary>The most pages in memory that one look asks about: 1 GiB of small pages, some 50 ms.</summary>
    internal const int MaxPages = 1 << 18;

    /// <summary>The most pages, in memory or not, that one look passes over: 64 GiB of small pages, some 50 ms.</summary>
    internal const int MaxEntries = 1 << 24;

    /// <summary>The most runs that one look gives.</summary>
    internal const int MaxRuns = 4096;

    private const int BatchPages = IPageMoves.MaxPages;

    /// <summary>No errno and no node: the status of a page that the call has not come to.</summary>
    private const int NotLookedAt = int.MinValue;

    private readonly ProcessWatch _watch;
    private readonly HostFile _pagemap;
    private readonly IPageMoves _moves;
    private readonly ulong _pageBytes = (ulong)Native.PageSizeBytes;
    private readonly ulong[] _entries = new ulong[BatchPages];
    private readonly ulong[] _pages = new ulong[BatchPages];
    private readonly int[] _nodes = new int[BatchPages];

    private PagePlaces(ProcessWatch watch, HostFile pagemap, IPageMoves moves) => (_watch, _pagemap, _moves) = (watch, pagemap, moves);

    /// <summary>Which process.</summary>
    public ProcessIdentity Process => _watch.Identity;

    private string Subject => $"process {Process.Pid}";

    /// <summary>Opens it for one process.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    /// <returns>It, or why there is none: the process is gone, may not be looked at, or is not one of the kernel that this program runs on.</returns>
    public static HostResult<PagePlaces> Open(HostRoot host, ProcessIdentity process)
    {
        // What the kernel would take the pid for: in a tree that shows other processes than the kernel has, that is a stranger.
        var meant = ProcessTree.Identify(new HostRoot(), process.Pid);
        if (meant.IsOk && meant.Value == process)
        {
            return Open(host, process, new ProcessPageMoves(process.Pid));
        }

        // Looked at second: a process that ends in between is gone, and not a stranger's.
        var shown = ProcessTree.Identify(host, process.Pid);
        return shown.IsOk && shown.Value == process
            ? new HostError(HostErrorKind.Unsupported, $"process {process.Pid}", $"the kernel here has another process, or none, of this pid than {host.Path} shows")
            : new HostError(HostErrorKind.Vanished, $"process {process.Pid}");
    }

    /// <summary>Opens it with another call in place of the kernel's.</summary>
    internal static HostResult<PagePlaces> Open(HostRoot host, ProcessIdentity process, IPageMoves moves)
    {
        var watch = ProcessWatch.Open(host, process);
        if (!watch.IsOk)
        {
            return watch.Error;
        }

        var pagemap = host.Open($"/proc/{process.Pid}/pagemap");
        if (!pagemap.IsOk)
        {
            watch.Value.Dispose();
            return pagemap.Error;
        }

        return new PagePlaces(watch.Value, pagemap.Value, moves);
    }

    /// <summary>
    /// Finds the runs of pages that are in memory, each on one node. Pages that are not in memory, the page of zeros and addresses that are not mapped (any more) belong to none; so between two runs
    /// that follow each other within a range nothing is in memory. Pages that other processes map too, or that are locked, are found like all others.
    /// </summary>
    /// <param name="ranges">Page aligned, ascending, without overlaps.</param>
    /// <param name="found">Is cleared, then filled, ascending; stays empty after an error.</param>
    /// <returns>
    /// The first address that was not looked at: the end of the last range where all was. One look passes over at most 16,777,216 pages (64 GiB of small ones), asks about at most 262,144 that are in
    /// memory (1 GiB), and gives at most 4096 runs; what lies beyond is for another look that begins there.
    /// </returns>
    public HostResult<ulong> Find(ReadOnlySpan<AddressRange> ranges, ICollection<PlacedRange> found)
    {
        found.Clear();
        var before = WhyNotThere();
        if (before.Kind != HostErrorKind.None)
        {
            return before;
        }

        var look = new Look(found, _pageBytes);
        foreach (var range in ranges)
        {
            var error = Find(range, ref look);
            if (error.Kind != HostErrorKind.None)
            {
                found.Clear();
                return error;
            }

            if (look.StoppedAt is not null)
            {
                break;
            }
        }

        look.EndRun();
        var after = WhyNotThere();
        if (after.Kind != HostErrorKind.None)
        {
            found.Clear();
            return after;
        }

        return look.StoppedAt ?? (ranges.IsEmpty ? 0 : ranges[^1].End);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _pagemap.Dispose();
    }

    private HostError Find(AddressRange range, ref Look look)
    {
        for (var address = range.Start; address < range.End && look.StoppedAt is null;)
        {
            var wanted = (int)Math.Min(BatchPages, (range.End - address + _pageBytes - 1) / _pageBytes);
            if (look.Entries + wanted > MaxEntries || look.Pages + wanted > MaxPages)
            {
                look.StoppedAt = address;
                return default;
            }

            var read = _pagemap.ReadAt(MemoryMarshal.AsBytes(_entries.AsSpan(0, wanted)), (long)(address / _pageBytes * PagemapEntry.SizeBytes));
            if (!read.IsOk)
            {
                return read.Error;
            }

            // Nothing more comes behind the end of the address space, and of a process that is gone: which of both, the last check of the identity tells.
            var count = read.Value / PagemapEntry.SizeBytes;
            if (count == 0)
            {
                return default;
            }

            var error = Ask(address, count, ref look);
            if (error.Kind != HostErrorKind.None)
            {
                return error;
            }

            address += (ulong)count * _pageBytes;
        }

        return default;
    }

    private HostError Ask(ulong from, int count, ref Look look)
    {
        var present = 0;
        for (var i = 0; i < count; i++)
        {
            if (new PagemapEntry(_entries[i]).IsPresent)
            {
                _pages[present++] = from + ((ulong)i * _pageBytes);
            }
        }

        look.Entries += count;
        look.Pages += present;
        if (present == 0)
        {
            return default;
        }

        var nodes = _nodes.AsSpan(0, present);
        nodes.Fill(NotLookedAt);
        var result = _moves.Find(_pages.AsSpan(0, present), nodes);
        if (result < 0)
        {
            return Explain((int)-result);
        }

        for (var i = 0; i < present; i++)
        {
            // Below 0 is a page that has gone since (ENOENT), the page of zeros, or an address that is not mapped any more (EFAULT).
            if (nodes[i] >= 0 && !look.Add(_pages[i], nodes[i]))
            {
                return default;
            }
        }

        return default;
    }

    private HostError WhyNotThere() => _watch.Check() switch
    {
        ProcessLife.Same => default,
        ProcessLife.Unknown => new HostError(HostErrorKind.TryAgain, Subject, "it cannot be told whether it is the same process still"),
        ProcessLife.ReplacedByExec => new HostError(HostErrorKind.Vanished, Subject, "it runs another program"),
        _ => new HostError(HostErrorKind.Vanished, Subject),
    };

    private HostError Explain(int errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES => new HostError(HostErrorKind.Denied, Subject, "looking at where its pages lie takes CAP_SYS_PTRACE", errno),
        Errno.ENOSYS => new HostError(HostErrorKind.Unsupported, Subject, "this kernel was built without NUMA", errno),
        Errno.ENOMEM => new HostError(HostErrorKind.TryAgain, Subject, "there is no memory for the call", errno),
        _ => new HostError(HostErrors.KindOf(errno), Subject, "", errno),
    };

    /// <summary>One look: what it has cost so far, and the run that it is in.</summary>
    private struct Look(ICollection<PlacedRange> found, ulong pageBytes)
    {
        private PlacedRange? _run;

        public int Entries { get; set; }

        public int Pages { get; set; }

        public ulong? StoppedAt { get; set; }

        /// <summary>Adds a page behind all others.</summary>
        /// <returns>False where it would begin one run too many: the look ends in front of it.</returns>
        public bool Add(ulong page, int node)
        {
            if (_run is { } run && run.Node == node && run.Range.End == page)
            {
                _run = run with { Range = run.Range with { End = page + pageBytes } };
                return true;
            }

            EndRun();
            if (found.Count == MaxRuns)
            {
                StoppedAt = page;
                return false;
            }

            _run = new PlacedRange(new AddressRange(page, page + pageBytes), node);
            return true;
        }

        public void EndRun()
        {
            if (_run is { } run)
            {
                found.Add(run);
                _run = null;
            }
        }
    }
}

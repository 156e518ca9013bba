using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.Probes;

/// <summary>
/// Asks per mapping, on any kernel: clears the accessed bits of a whole process through <c>/proc/PID/clear_refs</c> and reads back, one interval later, how much of each mapping
/// <c>/proc/PID/smaps</c> calls referenced.
/// </summary>
/// <remarks>
/// Coarse, and with side effects: it takes the kernel's own aging information away, and clearing holds the process's memory lock while it walks every page (12 ms per GiB
/// measured), which stalls its page faults. <see cref="LongestStall"/> says for how long. Hence only ever by explicit choice, and never beside another reader of the accessed bits.
/// </remarks>
public sealed class ReferencedProbe : IAccessProbe
{
    private readonly ProbeReport _report = new();
    private readonly ProcessWatch _watch;
    private readonly HostFile _clearRefs;
    private readonly HostFile _smaps;
    private readonly HostReader _reader;
    private readonly TimeProvider _time;
    private TimeSpan _prepareCost;

    private ReferencedProbe(ProcessWatch watch, HostFile clearRefs, HostFile smaps, TimeProvider time)
    {
        _watch = watch;
        _clearRefs = clearRefs;
        _smaps = smaps;
        _reader = new HostReader();
        _time = time;
    }

    /// <inheritdoc/>
    public ProbeGranularity Granularity => ProbeGranularity.Mapping;

    /// <inheritdoc/>
    public string LastError => _report.LastError;

    /// <summary>Which process is watched.</summary>
    public ProcessIdentity Process => _watch.Identity;

    /// <summary>What the last complete pass (clear and check) took; the input of <see cref="IntervalGovernor"/>.</summary>
    public TimeSpan LastPassCost { get; private set; }

    /// <summary>The longest clear so far: so long the process's page faults had to wait at most.</summary>
    public TimeSpan LongestStall { get; private set; }

    /// <summary>Opens a probe. Clears nothing yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    /// <param name="time">The clock that costs are measured by.</param>
    public static HostResult<ReferencedProbe> Open(HostRoot host, ProcessIdentity process, TimeProvider time)
    {
        var watch = ProcessWatch.Open(host, process);
        if (!watch.IsOk)
        {
            return watch.Error;
        }

        var smaps = host.Open($"/proc/{process.Pid}/smaps");
        if (!smaps.IsOk)
        {
            watch.Value.Dispose();
            return WithRemedy(smaps.Error, "CAP_SYS_PTRACE lets it be read");
        }

        var clearRefs = host.Open($"/proc/{process.Pid}/clear_refs", HostFileAccess.Write);
        if (!clearRefs.IsOk)
        {
            watch.Value.Dispose();
            smaps.Value.Dispose();
            return WithRemedy(clearRefs.Error, "CAP_DAC_OVERRIDE lets it be written");
        }

        return new ReferencedProbe(watch.Value, clearRefs.Value, smaps.Value, time);
    }

    /// <inheritdoc/>
    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        ranges.Clear();
        var outcome = ReadSmaps();
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        var lastEnd = 0UL;
        var entries = ProcSmaps.Enumerate(_reader.Content);
        while (entries.MoveNext())
        {
            var entry = entries.Current;

            // The file is not one snapshot: a mapping that moved meanwhile may come twice. The contract is ascending, without overlaps.
            if (entry.Mapping.Start >= lastEnd && entry.CanHoldPages)
            {
                ranges.Add(new AddressRange(entry.Mapping.Start, entry.Mapping.End));
                lastEnd = entry.Mapping.End;
            }
        }

        return _report.Succeed();
    }

    /// <inheritdoc/>
    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
    {
        var started = _time.GetTimestamp();
        var written = _clearRefs.WriteAt("1"u8, 0);
        _prepareCost = _time.GetElapsedTime(started);
        LongestStall = _prepareCost > LongestStall ? _prepareCost : LongestStall;
        return written.IsOk ? _report.Succeed() : _report.Fail(written.Error);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A mapping adds each page to Rss and to Referenced in the same step of one walk, so Referenced equals Rss exactly when every resident page was accessed: no slack is needed, and one page of slack
    /// would call a mapping of two pages fully accessed when half of it is idle.
    /// </remarks>
    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        var started = _time.GetTimestamp();
        var outcome = ReadSmaps();
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        var entries = ProcSmaps.Enumerate(_reader.Content);
        var more = entries.MoveNext();
        for (var i = 0; i < starts.Length; i++)
        {
            while (more && entries.Current.Mapping.End <= starts[i])
            {
                more = entries.MoveNext();
            }

            ulong rss = 0, referenced = 0;
            while (more && entries.Current.Mapping.Start < ends[i])
            {
                var entry = entries.Current;
                if (!entry.IsComplete)
                {
                    return _report.Fail(new HostError(HostErrorKind.Malformed, _smaps.Path, "a mapping without Rss or Referenced (the kernel needs CONFIG_PROC_PAGE_MONITOR)"));
                }

                // Saturating: a hostile file must not wrap round to "cold".
                rss = SaturatingAdd(rss, entry.RssBytes);
                referenced = SaturatingAdd(referenced, entry.ReferencedBytes);
                if (entry.Mapping.End > ends[i])
                {
                    // It reaches into the next region, which needs it too.
                    break;
                }

                more = entries.MoveNext();
            }

            seen[i] = referenced == 0 || rss == 0 ? AccessObservation.NotAccessed
                : referenced >= rss ? AccessObservation.Accessed
                : AccessObservation.PartlyAccessed;
        }

        LastPassCost = _prepareCost + _time.GetElapsedTime(started);
        return _report.Succeed();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _clearRefs.Dispose();
        _smaps.Dispose();
    }

    private static ulong SaturatingAdd(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;

    private static HostError WithRemedy(HostError error, string remedy) => error.Kind == HostErrorKind.Denied ? error with { Detail = remedy } : error;

    /// <summary>Identity first: what is read afterwards through the held file is either of that address space or empty.</summary>
    private ProbeOutcome ReadSmaps()
    {
        var life = _watch.Check();
        if (life is ProcessLife.Exited or ProcessLife.ReplacedByExec)
        {
            return _report.Gone(Process, life);
        }

        var read = _reader.Read(_smaps);
        if (!read.IsOk)
        {
            return _report.Fail(read.Error);
        }

        // The kernel gives nothing for an address space that is gone, and never nothing for one that is there.
        return _reader.Content.IsEmpty ? _report.Gone(Process, ProcessLife.Exited) : ProbeOutcome.Ok;
    }
}

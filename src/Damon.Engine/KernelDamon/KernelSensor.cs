using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Lets one kdamond sense processes: keeps its targets as the processes come and go, asks it for the regions that schemes could use, and starts it again where it has ended. It changes no
/// process's memory: every scheme it gives to the kernel only counts. See docs/kernel-backend.md.
/// </summary>
/// <remarks>Calls block for as long as the kernel does, up to an aggregation: they belong on one thread of their own, and only one at a time.</remarks>
public sealed class KernelSensor
{
    /// <summary>Of all processes together. Each costs five or six files when regions are read.</summary>
    public const int MaxRegions = 10_000;

    /// <summary>Of regions that a process needs at least, so that they can differ at all: heap, mapped memory and stack, each cut in two.</summary>
    private const int RegionsPerProcess = 6;

    /// <summary>The kernel's smallest region of virtual addresses.</summary>
    private const ulong MinRegionBytes = 4096;

    /// <summary>Processes may vanish while they are being written; after so many rounds nobody is left, or something else is wrong.</summary>
    private const int MaxAttempts = 4;

    /// <summary>Failures in a row after which it is not tried any more.</summary>
    private const int MaxFailures = 6;

    /// <summary>The mappings of a program that has just started are still being made.</summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromMilliseconds(500);

    /// <summary>After it a process's mappings are read for the second time.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The kernel answers a question for regions when every query has been applied, and nothing can take the question back: where aggregations are longer than this, queries are applied within them.
    /// The counts are then those of the moving window that the kernel keeps.
    /// </summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(1);

    /// <summary>Others may read too; being locked out for longer is told.</summary>
    private static readonly TimeSpan ToleratedLock = TimeSpan.FromSeconds(3);

    /// <summary>A failure that long ago does not count any more.</summary>
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(10);

    private readonly HostRoot _host;
    private readonly IKdamond _kdamond;
    private readonly TimeProvider _time;
    private readonly ThreadCpuClock _cpu = new();
    private readonly HostReader _reader = new(maxBytes: 32 * 1024 * 1024);
    private readonly AddressRangeList _ranges = new();
    private readonly List<SensorPlace> _places = [];
    private readonly Dictionary<ProcessIdentity, (ProcessImage Image, long Since)> _settling = [];
    private readonly List<SensedProcess> _ended = [];
    private readonly List<string> _notices = [];
    private readonly HashSet<string> _saidOnce = [];
    private KernelContext? _inForce;
    private MonitoringIntervals? _asked;
    private MonitoringIntervals _intervals = MonitoringIntervals.Default;
    private SensorState _state;
    private string _message = "";
    private bool _isOn;
    private int _kdamondPid = -1;
    private int _epoch;
    private int _generations;
    private int _failures;
    private long _failedAt;
    private TimeSpan _backOff;
    private long _roundBegan;
    private long? _lockedOutSince;
    private bool _isLockedOutTold;

    /// <summary>Makes a sensor; nothing is read or written yet.</summary>
    /// <param name="host">The host, for what processes do.</param>
    /// <param name="kdamond">Ours alone, not started.</param>
    /// <param name="time">Times the waits between attempts.</param>
    public KernelSensor(HostRoot host, IKdamond kdamond, TimeProvider time)
    {
        _host = host;
        _kdamond = kdamond;
        _time = time;
    }

    /// <summary>Sees to it that the kernel senses what is asked for, and reads what it has found.</summary>
    /// <param name="request">What is wanted.</param>
    public SensorReport Sense(SensorRequest request)
    {
        var began = _cpu.GetTimestamp();
        _roundBegan = _time.GetTimestamp();
        _ended.Clear();
        _notices.Clear();
        if (_asked != request.Plan.Intervals)
        {
            _asked = request.Plan.Intervals;
            _intervals = Start(request.Plan);
        }

        var read = _state == SensorState.Lost ? null : Round(request);
        var targets = new List<SensedTarget>();
        for (var i = 0; i < _places.Count; i++)
        {
            if (_places[i] is { Sensed: { } sensed, IsInForce: true } place && _isOn)
            {
                targets.Add(new SensedTarget(sensed.Process, sensed.Group, place.Generation, i < read?.Length ? read[i] : null));
            }
        }

        return new SensorReport
        {
            State = _state,
            Message = _message,
            Intervals = _intervals,
            KdamondPid = _isOn ? _kdamondPid : -1,
            Epoch = _epoch,
            Targets = targets,
            Ended = [.. _ended],
            Notices = [.. _notices],
            HasRegions = read is not null,
            KdamondCpuTime = _isOn ? CpuTimeOf(_kdamondPid) : TimeSpan.Zero,
            CpuTime = _cpu.GetElapsedTime(began),
        };
    }

    /// <summary>Turns the kdamond off.</summary>
    public KernelOutcome Stop()
    {
        var outcome = _isOn ? _kdamond.Stop() : KernelOutcome.Done;
        if (outcome.IsDone)
        {
            TurnedOff();
            _state = _state == SensorState.Lost ? _state : SensorState.Idle;
        }

        return outcome;
    }

    private IReadOnlyList<Region>[]? Round(SensorRequest request)
    {
        LetGo(request);
        if (_isOn && !TryLookOn())
        {
            return null;
        }

        LetIn(request);
        if (!_places.Exists(place => place.Sensed is not null))
        {
            StopIdle();
            return null;
        }

        FollowMappings(request);
        var isTooEarly = _failures > 0 && _time.GetElapsedTime(_failedAt) < _backOff;
        if (!isTooEarly)
        {
            PutInForce(request);
        }

        // Where a change could not be committed, what is in force goes on: one process that the kernel does not take must not blind the others.
        return _isOn && request.ReadRegions ? ReadRegions(request) : null;
    }

    /// <summary>Frees the places of processes that are not wanted any more, have ended, or run another program.</summary>
    private void LetGo(SensorRequest request)
    {
        var wanted = request.Processes.Select(sensed => sensed.Process).ToHashSet();
        foreach (var place in _places)
        {
            if (place.Sensed is not { } sensed)
            {
                continue;
            }

            if (!wanted.Contains(sensed.Process))
            {
                place.Free();
            }
            else
            {
                LetGoIfEnded(place, sensed);
            }
        }

        foreach (var process in _settling.Keys)
        {
            if (!wanted.Contains(process))
            {
                _settling.Remove(process);
            }
        }
    }

    /// <returns>Whether the place is free now.</returns>
    private bool LetGoIfEnded(SensorPlace place, SensedProcess sensed)
    {
        if (!TryLook(sensed.Process, out var image))
        {
            NoteEnded(sensed);
            place.Free();
            return true;
        }

        if (image == place.Image)
        {
            return false;
        }

        // What the kernel has learned is about a memory that is gone: in a place of its own it begins anew, when the new program has mapped its memory.
        _settling[sensed.Process] = (image, _time.GetTimestamp());
        place.Free();
        return true;
    }

    private void LetIn(SensorRequest request)
    {
        var inside = _places.Where(place => place.Sensed is not null).Select(place => place.Sensed!.Value.Process).ToHashSet();
        foreach (var sensed in request.Processes)
        {
            if (inside.Contains(sensed.Process))
            {
                continue;
            }

            if (!TryLook(sensed.Process, out var image))
            {
                _settling.Remove(sensed.Process);
                NoteEnded(sensed);
                continue;
            }

            if (HasSettled(sensed.Process, image) && ReadRanges(sensed.Process.Pid, RangesPerProcess(request)) is { Count: > 0 } ranges)
            {
                _settling.Remove(sensed.Process);
                FreePlace().Take(sensed, image, ++_generations, ranges, Cut(ranges, PiecesPerProcess(request)), _time.GetTimestamp());
            }
        }
    }

    /// <summary>
    /// The kernel is told where the processes have memory, instead of finding three ranges that span it: programs with a managed heap reserve hundreds of GiB that they never use, and
    /// regions that begin that large find what is hot too late.
    /// </summary>
    private void FollowMappings(SensorRequest request)
    {
        foreach (var place in _places)
        {
            if (place.Sensed is { } sensed && place.IsDue(_time, FirstLook, request.Plan.Intervals.Update) && ReadRanges(sensed.Process.Pid, RangesPerProcess(request)) is { Count: > 0 } ranges)
            {
                place.Follow(ranges);
            }
        }
    }

    /// <summary>Half of a process's share of the regions for the shape of its address space; the other half for what is learned inside it.</summary>
    private static int RangesPerProcess(SensorRequest request) => Math.Max(RegionsPerProcess / 2, Share(request.Plan.Limits.Max, request) / 2);

    /// <summary>As many pieces as the fewest regions that are wanted: kernels before 7.1 cut nothing by themselves at the start.</summary>
    private static int PiecesPerProcess(SensorRequest request) => Share(request.Plan.Limits.Min, request);

    private static int Share(int regionsPerGroup, SensorRequest request)
    {
        var groups = request.Processes.Select(sensed => sensed.Group).Distinct(StringComparer.Ordinal).Count();
        return (int)Math.Min((long)regionsPerGroup * groups, MaxRegions) / Math.Max(1, request.Processes.Count);
    }

    private static List<AddressRange> Cut(IReadOnlyList<AddressRange> ranges, int pieces)
    {
        var total = ranges.Aggregate(0UL, (sum, range) => sum + range.SizeBytes);
        var most = Math.Max(MinRegionBytes, ((total / (ulong)Math.Max(1, pieces)) + MinRegionBytes - 1) & ~(MinRegionBytes - 1));
        var cut = new List<AddressRange>();
        foreach (var range in ranges)
        {
            for (var start = range.Start; start < range.End; start += most)
            {
                cut.Add(new AddressRange(start, Math.Min(range.End, start + most)));
            }
        }

        return cut;
    }

    private void NoteEnded(SensedProcess sensed)
    {
        if (!_ended.Contains(sensed))
        {
            _ended.Add(sensed);
        }
    }

    private SensorPlace FreePlace()
    {
        // One that the kernel still has its process in is not free before the kernel knows.
        if (_places.Find(place => place.Sensed is null && place.IsInForce) is { } free)
        {
            return free;
        }

        var added = new SensorPlace();
        _places.Add(added);
        return added;
    }

    private bool HasSettled(ProcessIdentity process, ProcessImage image)
    {
        var isKnown = _settling.TryGetValue(process, out var known);
        if (isKnown && known.Image == image)
        {
            return _time.GetElapsedTime(known.Since) >= SettlingTime;
        }

        // Start times count in ticks since boot; USER_HZ is 100 on every architecture that .NET runs on. What is met in the middle of its life has settled.
        if (!isKnown && _host.ReadText("/proc/uptime").TryGet(out var uptime) && double.TryParse(uptime.Split(' ')[0], CultureInfo.InvariantCulture, out var seconds)
            && seconds - (process.StartTimeTicks / 100.0) >= SettlingTime.TotalSeconds)
        {
            return true;
        }

        _settling[process] = (image, _time.GetTimestamp());
        return false;
    }

    /// <summary>Looks whether the kdamond that was turned on still runs.</summary>
    /// <returns>Whether that is known.</returns>
    private bool TryLookOn()
    {
        var read = _kdamond.ReadState();
        if (!read.TryGet(out var state))
        {
            if (read.Error.Kind == HostErrorKind.Busy)
            {
                // Somebody holds the lock; nothing can be asked now.
                LockedOut(read.Error.ToString());
                return false;
            }

            Lose($"the kdamond cannot be looked at any more ({read.Error})");
            return false;
        }

        if (state.IsOn)
        {
            _kdamondPid = state.Pid;
            return true;
        }

        HasEnded();
        return _state != SensorState.Lost;
    }

    /// <summary>The kdamond ends by itself when the last of its processes has ended. Otherwise somebody has turned it off.</summary>
    private void HasEnded()
    {
        var hadReason = !_places.Exists(place => place.Sensed is not null);
        TurnedOff();
        if (hadReason)
        {
            _notices.Add($"kdamond {_kdamond.Index} has ended with the last of the processes that it sensed");
        }
        else
        {
            Fail($"kdamond {_kdamond.Index} has ended although processes that it sensed live: somebody else has turned it off. What it had learned is lost");
        }
    }

    private void TurnedOff()
    {
        _isOn = false;
        _kdamondPid = -1;
        _inForce = null;
        _epoch++;
        _places.RemoveAll(place => place.Sensed is null);
        foreach (var place in _places)
        {
            place.HasBeenForgotten();
        }
    }

    private void StopIdle()
    {
        if (_isOn && _kdamond.Stop() is { IsDone: false } failed)
        {
            Fail($"the kdamond could not be turned off: {failed.Message}");
            return;
        }

        if (_isOn)
        {
            TurnedOff();
        }

        if (_state != SensorState.Lost)
        {
            _places.Clear();
            _state = SensorState.Idle;
            _message = "";
        }
    }

    /// <summary>Starts the kdamond, or commits what is different.</summary>
    private void PutInForce(SensorRequest request)
    {
        if (!CanSense())
        {
            return;
        }

        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (_isOn && !FollowTuning(request.Plan))
            {
                return;
            }

            // Right before and right after: a pid that was given to another process in between is seen afterwards, and taken out again.
            DropVanished();
            if (!_places.Exists(place => place.Sensed is not null))
            {
                StopIdle();
                return;
            }

            var context = Build(request);
            if (_isOn && IsSame(context, _inForce))
            {
                return;
            }

            var outcome = _isOn ? _kdamond.Commit(context) : _kdamond.Start(context);
            if (!outcome.IsDone)
            {
                if (outcome.Kind == KernelOutcomeKind.TargetVanished && attempt + 1 < MaxAttempts)
                {
                    NoteEndedOverCommit();
                    continue;
                }

                HasFailed(outcome);
                return;
            }

            IsInForce(context);
            if (!DropVanished())
            {
                return;
            }
        }

        Fail("processes vanish faster than they can be given to the kernel");
        return;
    }

    /// <summary>Kernels before 6.15 end the kdamond where a process has ended between our look and theirs. That is nobody's fault, and no reason to wait.</summary>
    private void NoteEndedOverCommit()
    {
        if (_isOn && _kdamond.ReadState() is { IsOk: true, Value.IsOn: false })
        {
            TurnedOff();
            _notices.Add($"kdamond {_kdamond.Index} has ended because a process ended while it was being given to it, as kernels before 6.15 do; it is started again, and what it had learned is lost");
        }
    }

    private bool CanSense()
    {
        var features = _kdamond.Features;
        if (!features.Operations.Contains(KernelOperations.Fvaddr))
        {
            Lose("this kernel's DAMON cannot look at given ranges of virtual addresses (fvaddr, which came with Linux 5.19; CONFIG_DAMON_VADDR)");
        }
        else if (!features.Filters.Contains(SchemeFilterType.Target))
        {
            Lose("this kernel's DAMON cannot tell the regions of two processes apart (no target filter, which came with Linux 6.6)");
        }

        return _state != SensorState.Lost;
    }

    private void HasFailed(KernelOutcome outcome)
    {
        switch (outcome.Kind)
        {
            case KernelOutcomeKind.NotRunning when _isOn:
                DropVanished();
                HasEnded();
                break;
            case KernelOutcomeKind.Unsupported or KernelOutcomeKind.Denied or KernelOutcomeKind.Vanished or KernelOutcomeKind.Overwritten:
                Lose(outcome.Message);
                break;
            default:
                Fail(outcome.Message);
                break;
        }
    }

    private void IsInForce(KernelContext context)
    {
        if (!_isOn)
        {
            _isOn = true;
            _kdamondPid = _kdamond.ReadState().TryGet(out var state) ? state.Pid : -1;
        }

        foreach (var place in _places)
        {
            place.HasBeenTold();
        }

        _inForce = context with { Targets = [.. _places.Select(place => place.Target())] };
        _state = SensorState.Sensing;
        _message = "";
    }

    /// <summary>Learns the intervals that the kernel has come to.</summary>
    private bool FollowTuning(MonitoringPlan plan)
    {
        if (GoalOf(plan) is null)
        {
            return true;
        }

        var read = _kdamond.ReadIntervals();
        if (!read.TryGet(out var tuned))
        {
            _message = read.Error.ToString();
            return false;
        }

        _intervals = tuned.Update < tuned.Aggregation ? tuned with { Update = tuned.Aggregation } : tuned;
        return true;
    }

    /// <returns>Whether any was.</returns>
    private bool DropVanished()
    {
        var dropped = false;
        foreach (var place in _places)
        {
            dropped |= place.Sensed is { } sensed && LetGoIfEnded(place, sensed);
        }

        return dropped;
    }

    private KernelContext Build(SensorRequest request)
    {
        var applyInterval = _intervals.Aggregation > LongestAnswer && _kdamond.Features.HasApplyInterval ? LongestAnswer : TimeSpan.Zero;
        var pattern = request.AllRegions ? KernelPattern.Everything : KernelQuery.For(request.Plan.Schemes, _intervals);
        var schemes = new KernelScheme[_places.Count];
        for (var i = 0; i < schemes.Length; i++)
        {
            // Kernels before filters could let memory through know this one too: what is not of this target is held back.
            schemes[i] = _places[i].Sensed is null ? KernelScheme.Inert with { ApplyInterval = applyInterval } : new KernelScheme(SchemeAction.Stat, pattern)
            {
                Filters = [new SchemeFilter(SchemeFilterType.Target, Matching: false, Allow: false) { TargetId = i }],
                ApplyInterval = applyInterval,
            };
        }

        return new KernelContext(KernelOperations.Fvaddr, _intervals, LimitsOf(request.Plan.Limits), [.. _places.Select(place => place.Target())], schemes) { IntervalsGoal = GoalOf(request.Plan) };
    }

    /// <summary>The limits are for each group of processes; the kernel has one for all targets together.</summary>
    private RegionLimits LimitsOf(RegionLimits perGroup)
    {
        var occupied = _places.Where(place => place.Sensed is not null).ToList();
        var groups = occupied.Select(place => place.Sensed!.Value.Group).Distinct(StringComparer.Ordinal).Count();
        var wanted = Math.Max((long)perGroup.Max * groups, (long)RegionsPerProcess * occupied.Count);
        if (wanted > MaxRegions)
        {
            SayOnce($"{groups} groups of processes may have {wanted} regions; all of them together get {MaxRegions}, because reading more would cost too much");
        }

        var max = (int)Math.Min(wanted, MaxRegions);
        return new RegionLimits((int)Math.Clamp((long)perGroup.Min * groups, RegionLimits.LeastMin, max), max);
    }

    private MonitoringIntervals Start(MonitoringPlan plan) => GoalOf(plan) switch
    {
        { } goal when plan.Intervals.Sample < goal.MinSample => plan.Intervals.WithSample(goal.MinSample),
        { } goal when plan.Intervals.Sample > goal.MaxSample => plan.Intervals.WithSample(goal.MaxSample),
        _ => plan.Intervals,
    };

    /// <summary>An age threshold needs some aggregations to be met with any precision: the kernel tunes up to a quarter of the shortest one, as our own tuning does.</summary>
    private IntervalsGoal? GoalOf(MonitoringPlan plan)
    {
        if (plan.IntervalsGoal is not { } goal)
        {
            return null;
        }

        if (!_kdamond.Features.HasIntervalsGoal)
        {
            SayOnce("this kernel does not tune intervals (that came with Linux 6.15): they stay as they are");
            return null;
        }

        var most = goal.MaxSample.Ticks;
        foreach (var scheme in plan.Schemes)
        {
            if (scheme.Pattern.MinAge > TimeSpan.Zero)
            {
                most = Math.Min(most, scheme.Pattern.MinAge.Ticks / 4 / plan.Intervals.SamplesPerAggregation);
            }
        }

        // The kernel counts microseconds.
        most -= most % TimeSpan.TicksPerMicrosecond;
        return goal with { MaxSample = TimeSpan.FromTicks(Math.Max(most, goal.MinSample.Ticks)) };
    }

    private IReadOnlyList<Region>[]? ReadRegions(SensorRequest request)
    {
        var before = _intervals;
        var verified = _kdamond.Verify();
        if (!verified.IsDone)
        {
            if (verified.Kind == KernelOutcomeKind.Busy)
            {
                LockedOut(verified.Message);
            }
            else
            {
                HasFailed(verified);
            }

            return null;
        }

        var read = _kdamond.ReadTriedRegions();
        if (!read.TryGet(out var perScheme))
        {
            LockedOut(read.Error.ToString());
            return null;
        }

        // Where the kernel has tuned while it was read, nobody knows in which unit the counts are.
        if (!FollowTuning(request.Plan) || _intervals != before || perScheme.Count != _inForce?.Schemes.Count)
        {
            return null;
        }

        Answered();
        return [.. perScheme.Select(RowsOf)];
    }

    private IReadOnlyList<Region> RowsOf(IReadOnlyList<KernelRegion> regions)
    {
        var rows = new List<Region>(regions.Count);
        var samples = _intervals.SamplesPerAggregation;
        ulong end = 0;
        foreach (var region in regions)
        {
            // What does not follow on what was before it cannot be told from what is torn: it is left out, and what is left out is not touched.
            if (region.Start >= end && region.End > region.Start)
            {
                end = region.End;
                rows.Add(new Region(region.Start, region.End, Math.Min(region.Accesses, samples), Age: region.Age));
            }
        }

        return rows;
    }

    /// <summary>Tries again later, or not any more.</summary>
    private void Fail(string why)
    {
        _failures = _failures > 0 && _time.GetElapsedTime(_failedAt) >= Forgiven ? 1 : _failures + 1;
        _failedAt = _time.GetTimestamp();
        if (_failures >= MaxFailures)
        {
            Lose($"{why}. It has failed {_failures} times and is not tried any more");
            return;
        }

        var backOff = FirstBackOff * (1 << (_failures - 1));
        _backOff = backOff < LongestBackOff ? backOff : LongestBackOff;
        _state = _isOn ? _state : SensorState.Waiting;
        _message = why;
        _notices.Add($"{why}; tried again in {_backOff.TotalSeconds:0} s");
    }

    private void Lose(string why)
    {
        _state = SensorState.Lost;
        _message = why;
        _notices.Add(why);
        if (_isOn)
        {
            // It only counts and changes nothing, but nobody would look at it any more.
            _ = _kdamond.Stop();
            TurnedOff();
        }
    }

    /// <summary>Nothing was learned in this round: somebody else has the interface, or took away what the kernel had answered.</summary>
    private void LockedOut(string why)
    {
        _message = why;
        _lockedOutSince ??= _roundBegan;
        var lasting = _time.GetElapsedTime(_lockedOutSince.Value);
        if (!_isLockedOutTold && lasting >= ToleratedLock)
        {
            _isLockedOutTold = true;
            _notices.Add($"the kernel has given no answer for {lasting.TotalSeconds:0} s ({why}): nothing is known and nothing is done until it does");
        }
    }

    private void Answered()
    {
        _message = "";
        if (_isLockedOutTold)
        {
            _notices.Add($"the kernel answers again, after {_time.GetElapsedTime(_lockedOutSince!.Value).TotalSeconds:0} s");
        }

        (_lockedOutSince, _isLockedOutTold) = (null, false);
    }

    private void SayOnce(string notice)
    {
        if (_saidOnce.Add(notice))
        {
            _notices.Add(notice);
        }
    }

    private bool TryLook(ProcessIdentity process, out ProcessImage image)
    {
        image = default;
        if (!_host.Read($"/proc/{process.Pid}/stat", _reader).IsOk || !ProcStat.TryParse(_reader.Content, out var stat) || stat.HasEnded || stat.Identity != process)
        {
            return false;
        }

        image = stat.Image;
        return true;
    }

    private List<AddressRange> ReadRanges(int pid, int most)
    {
        if (!_host.Read($"/proc/{pid}/maps", _reader).IsOk)
        {
            return [];
        }

        AddressSpace.Read(_reader.Content, _ranges);
        _ranges.FoldTo(Math.Max(1, most));
        return [.. _ranges.Ranges];
    }

    private TimeSpan CpuTimeOf(int pid) => pid > 0 && _host.Read($"/proc/{pid}/stat", _reader).IsOk && ProcStat.TryParse(_reader.Content, out var stat)
        ? TimeSpan.FromMilliseconds(10 * (stat.UserTicks + stat.SystemTicks))
        : TimeSpan.Zero;

    private static bool IsSame(KernelContext context, KernelContext? other) =>
        other is not null && context.Intervals == other.Intervals && context.Limits == other.Limits && Equals(context.IntervalsGoal, other.IntervalsGoal)
        && context.Targets.SequenceEqual(other.Targets) && context.Schemes.SequenceEqual(other.Schemes);
}

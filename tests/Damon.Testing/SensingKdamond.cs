using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;

namespace Damon.Testing;

/// <summary>
/// A kdamond without a kernel: each target is sensed by DAMON's region policy, on a simulated memory, by a virtual clock. It senses on its own whenever the clock has gone on, answers
/// queries at the ends of aggregations, and ends when its last target has.
/// </summary>
public sealed class SensingKdamond(VirtualTime time) : IKdamond
{
    private const int StandIn = 2;

    private readonly Dictionary<int, SimulatedMemory> _memories = [];
    private readonly List<Place> _places = [];
    private long _sensedUntil;
    private bool _isOn;
    private int _starts;

    public int Index => 0;

    public KernelFeatures Features { get; set; } = new()
    {
        Operations = new HashSet<KernelOperations> { KernelOperations.Vaddr, KernelOperations.Fvaddr },
        Actions = new HashSet<SchemeAction> { SchemeAction.Stat },
        Filters = new HashSet<SchemeFilterType> { SchemeFilterType.Target },
        HasIntervalsGoal = true,
        HasTriedBytes = true,
    };

    public KernelContext? Context { get; private set; }

    /// <summary>Every context that was put in force, in order.</summary>
    public List<KernelContext> Contexts { get; } = [];

    /// <summary>How often it was turned on.</summary>
    public int Starts => _starts;

    /// <summary>How often regions were read.</summary>
    public int Reads { get; private set; }

    public bool IsOn => _isOn;

    /// <summary>What the next start or commit comes to in place of what it would; each once.</summary>
    public Queue<KernelOutcome> Outcomes { get; } = [];

    /// <summary>Runs right before every start and commit.</summary>
    public Action? OnPut { get; set; }

    /// <summary>Runs right before every read of regions.</summary>
    public Action? OnRead { get; set; }

    /// <summary>Why nothing can be looked at any more.</summary>
    public HostError? StateError { get; set; }

    /// <summary>Has a process.</summary>
    public SensingKdamond Process(int pid, SimulatedMemory memory)
    {
        _memories[pid] = memory;
        return this;
    }

    /// <summary>A process ends.</summary>
    public void End(int pid)
    {
        Sense();
        _memories.Remove(pid);
        _isOn &= _places.Exists(place => place.Pid == StandIn || _memories.ContainsKey(place.Pid));
    }

    /// <summary>Somebody turns it off.</summary>
    public void TurnOff() => _isOn = false;

    /// <summary>Changes the intervals as the kernel's own tuning does.</summary>
    public void Tune(MonitoringIntervals intervals)
    {
        Sense();
        Context = Context! with { Intervals = intervals };
        _places.ForEach(place => place.Session?.ChangeIntervals(intervals));
    }

    public KernelOutcome Start(KernelContext context) => Put(context, isStart: true);

    public KernelOutcome Commit(KernelContext context) => Put(context, isStart: false);

    public KernelOutcome Stop()
    {
        _isOn = false;
        return KernelOutcome.Done;
    }

    public HostResult<KdamondState> ReadState()
    {
        Sense();
        return StateError is { } error ? error : new KdamondState(_isOn, _isOn ? 4000 + _starts : -1);
    }

    /// <summary>What a look at the files comes to.</summary>
    public KernelOutcome Verification { get; set; } = KernelOutcome.Done;

    public KernelOutcome Verify() => Verification;

    public HostResult<IReadOnlyList<IReadOnlyList<KernelRegion>>> ReadTriedRegions()
    {
        OnRead?.Invoke();
        Sense();
        if (!_isOn)
        {
            return new HostError(HostErrorKind.TryAgain, "state", "the kdamond has ended");
        }

        Reads++;
        var before = Aggregations;
        while (Aggregations == before)
        {
            time.Advance(Context!.Intervals.Sample);
            Sense();
        }

        return Context!.Schemes.Select((scheme, index) => Tried(scheme)).ToArray();
    }

    public HostResult<IReadOnlyList<ulong>> ReadTriedBytes() => throw new NotSupportedException();

    public HostResult<IReadOnlyList<KernelSchemeStatistics>> ReadStatistics() => throw new NotSupportedException();

    public HostResult<IReadOnlyList<ulong>> ReadEffectiveQuotas() => throw new NotSupportedException();

    public HostResult<MonitoringIntervals> ReadIntervals() => Context!.Intervals;

    public KernelOutcome CommitGoals(KernelContext context) => throw new NotSupportedException();

    private ulong Aggregations => _places.Max(place => place.Session?.Aggregations ?? 0);

    private KernelOutcome Put(KernelContext context, bool isStart)
    {
        OnPut?.Invoke();
        Sense();
        if (Outcomes.TryDequeue(out var outcome))
        {
            return outcome;
        }

        if (isStart == _isOn)
        {
            return new(isStart ? KernelOutcomeKind.Busy : KernelOutcomeKind.NotRunning, "as the kernel says");
        }

        if (context.Targets.Any(target => target.Pid != StandIn && !_memories.ContainsKey(target.Pid)))
        {
            return new(KernelOutcomeKind.TargetVanished, "a pid is not there");
        }

        if (isStart)
        {
            _starts++;
            _isOn = true;
            _places.Clear();
            _sensedUntil = time.GetTimestamp();
        }

        for (var i = 0; i < context.Targets.Count; i++)
        {
            if (i == _places.Count)
            {
                _places.Add(new Place());
            }

            _places[i].Put(context.Targets[i].Pid, context, _memories.GetValueOrDefault(context.Targets[i].Pid));
        }

        Context = context;
        Contexts.Add(context);
        return KernelOutcome.Done;
    }

    private IReadOnlyList<KernelRegion> Tried(KernelScheme scheme)
    {
        var pattern = scheme.Pattern;
        var filter = scheme.Filters.SingleOrDefault();
        return
        [
            .. _places
                .Where((place, index) => filter is null || filter.TargetId == index)
                .SelectMany(place => place.Found)
                .Where(region => region.SizeBytes >= pattern.MinSizeBytes && region.SizeBytes <= pattern.MaxSizeBytes
                    && region.Accesses >= pattern.MinAccesses && region.Accesses <= pattern.MaxAccesses && region.Age >= pattern.MinAge && region.Age <= pattern.MaxAge)
                .Select(region => new KernelRegion(region.Start, region.End, region.Accesses, region.Age, 0)),
        ];
    }

    private void Sense()
    {
        while (_isOn && time.GetElapsedTime(_sensedUntil) >= Context!.Intervals.Sample)
        {
            var sample = Context.Intervals.Sample;
            _sensedUntil += sample.Ticks;
            foreach (var place in _places)
            {
                place.Sense(sample);
            }
        }
    }

    private sealed class Place : ISessionObserver
    {
        private SimulatedMemory? _memory;

        public int Pid { get; private set; }

        public MonitoringSession? Session { get; private set; }

        /// <summary>At the end of the last aggregation.</summary>
        public List<Region> Found { get; } = [];

        public void Put(int pid, KernelContext context, SimulatedMemory? memory)
        {
            if (pid == Pid)
            {
                return;
            }

            Pid = pid;
            _memory = memory;
            Found.Clear();
            Session = new MonitoringSession(
                new MonitoringPlan(context.Intervals, context.Limits, []), new KernelRegionPolicy(context.Limits, new RandomSource(7)), new RandomSource(8), TimeProvider.System, this);
            if (memory is not null)
            {
                Session.AddTarget(0, new Unowned(memory), memory);
            }
        }

        public void Sense(TimeSpan sample)
        {
            Session!.BeginSample();
            _memory?.Advance(sample);
            Session.EndSample();
        }

        public void OnAggregated(MonitoringSession session)
        {
            Found.Clear();
            foreach (var target in session.Targets)
            {
                for (var i = 0; i < target.Regions.Count; i++)
                {
                    Found.Add(target.Regions[i]);
                }
            }
        }

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes) => throw new InvalidOperationException("The kernel only counts.");
    }

    /// <summary>Looks at a memory that outlives whoever looks.</summary>
    private sealed class Unowned(SimulatedMemory memory) : IAccessProbe
    {
        public ProbeGranularity Granularity => memory.Granularity;

        public string LastError => memory.LastError;

        public ProbeOutcome ReadAddressSpace(AddressRangeList ranges) => memory.ReadAddressSpace(ranges);

        public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses) => memory.Prepare(addresses);

        public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen) => memory.Check(starts, ends, addresses, seen);

        public void Dispose()
        {
        }
    }
}

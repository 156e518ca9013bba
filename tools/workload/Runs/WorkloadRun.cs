using Damon.Patterns;
using Damon.Workload.Accesses;
using Damon.Workload.Memory;

namespace Damon.Workload.Runs;

/// <summary>
/// Runs the phases of a pattern, one after the other, on the calling thread. Phases begin and end on a plan that is fixed from the start, so that a late
/// turn does not move all later phases; what really happened, and when, is told to the observers.
/// </summary>
internal sealed class WorkloadRun
{
    private readonly WorkloadPattern _pattern;
    private readonly IReadOnlyList<MappedRegion> _regions;
    private readonly WorkloadSettings _settings;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IRunObserver> _observers;
    private readonly TouchedPages[] _touched;
    private readonly PhaseAccesses[] _phases;
    private readonly int[] _occurrences;
    private readonly RatePacer _pacer;
    private readonly Action _flushTlb;
    private TimeSpan _flushTlbAt;
    private long _accesses;

    /// <param name="pattern">The pattern.</param>
    /// <param name="regions">Its regions, mapped, in its order.</param>
    /// <param name="settings">How to run it.</param>
    /// <param name="time">The clock that phases, rate and reports follow.</param>
    /// <param name="observers">Are told what happens.</param>
    /// <param name="flushTlb">Flushes the translation cache; called between batches where the settings ask for it.</param>
    public WorkloadRun(
        WorkloadPattern pattern,
        IReadOnlyList<MappedRegion> regions,
        WorkloadSettings settings,
        TimeProvider time,
        IReadOnlyList<IRunObserver> observers,
        Action? flushTlb = null)
    {
        _pattern = pattern;
        _regions = regions;
        _settings = settings;
        _time = time;
        _observers = observers;
        _flushTlb = flushTlb ?? (static () => { });
        _touched = [.. regions.Select(region => new TouchedPages(region.SizeBytes, Environment.SystemPageSize))];
        var seeds = new RandomSequence(settings.Seed);
        _phases = new PhaseAccesses[pattern.Phases.Count];
        for (var index = 0; index < _phases.Length; index++)
            _phases[index] = new PhaseAccesses(pattern.Phases[index], regions, _touched, seeds.Next());
        _occurrences = new int[_phases.Length];
        _pacer = new RatePacer(settings.AccessesPerSecond);
    }

    /// <summary>Runs to the end, or until cancelled.</summary>
    /// <returns>Whether it came to its end.</returns>
    public bool Run(CancellationToken cancellation)
    {
        using var clock = new RunClock(_time, cancellation);
        clock.Start();
        Tell(observer => observer.OnStart(new RunStart(_pattern.Name, MomentAt(clock, TimeSpan.Zero), Environment.ProcessId, Environment.SystemPageSize, _regions)));

        var planned = TimeSpan.Zero;
        for (var round = 0; round == 0 || HasTimeFor(round, planned); round++)
        {
            for (var index = 0; index < _phases.Length && !cancellation.IsCancellationRequested; index++)
            {
                if (round > 0 && _phases[index].Phase.Once)
                    continue;
                if (_settings.Duration is { } duration && planned >= duration)
                    break;

                var until = planned + _phases[index].Phase.Duration;
                if (_settings.Duration is { } total && until > total)
                    until = total;
                RunPhase(index, planned, until, clock, cancellation);
                planned = until;
            }

            if (cancellation.IsCancellationRequested)
                break;
        }

        var end = new RunEnd(MomentAt(clock, clock.Elapsed), cancellation.IsCancellationRequested, _accesses);
        Tell(observer => observer.OnEnd(end));
        return !end.Interrupted;
    }

    /// <summary>A further round begins only within a given duration, and only if something repeats.</summary>
    private bool HasTimeFor(int round, TimeSpan planned) =>
        round > 0 && _settings.Duration is { } duration && planned < duration && _pattern.Phases.Any(phase => !phase.Once);

    private void RunPhase(int index, TimeSpan planned, TimeSpan until, RunClock clock, CancellationToken cancellation)
    {
        var phase = _phases[index];
        phase.Restart();
        var began = clock.Elapsed;
        _pacer.Restart(began);
        var reported = began;
        long accesses = 0;
        long reportedAccesses = 0;
        var now = began;
        while (now < until && !cancellation.IsCancellationRequested)
        {
            var reportAt = reported + _settings.ReportEvery;
            if (now >= reportAt)
            {
                var progress = new Progress(phase.Phase.Name, MomentAt(clock, now), now - reported, accesses - reportedAccesses);
                Tell(observer => observer.OnProgress(progress));
                reported = now;
                reportedAccesses = accesses;
                continue;
            }

            var next = until < reportAt ? until : reportAt;
            var delay = phase.IsIdle ? next - now : _pacer.DelayAt(now);
            if (delay > TimeSpan.Zero)
            {
                clock.Wait(delay < next - now ? delay : next - now);
            }
            else
            {
                if (_settings.FlushTlbEvery is { } flushEvery && now >= _flushTlbAt)
                {
                    _flushTlb();
                    _flushTlbAt = now + flushEvery;
                }

                phase.MoveWindows(now - planned);
                phase.Run(_pacer.BatchAccesses);
                _pacer.Made(_pacer.BatchAccesses);
                accesses += _pacer.BatchAccesses;
            }

            now = clock.Elapsed;
        }

        _accesses += accesses;
        var regions = _regions
            .Select((region, place) => new RegionTruth(region.Name, phase.AccessesTo(place), _touched[place].Pages, _touched[place].Count, phase.WindowsOf(place)))
            .ToList();
        var end = new PhaseEnd(phase.Phase.Name, _occurrences[index]++, MomentAt(clock, began), MomentAt(clock, now), planned, accesses, regions);
        Tell(observer => observer.OnPhaseEnd(end));
    }

    private static RunMoment MomentAt(RunClock clock, TimeSpan elapsed) => new(elapsed, clock.MonotonicNanosecondsAt(elapsed));

    private void Tell(Action<IRunObserver> tell)
    {
        foreach (var observer in _observers)
            tell(observer);
    }
}

using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>
/// A session whose regions somebody else finds, such as the kernel: it matches, ranks, budgets, filters and acts as <see cref="MonitoringSession"/> does, which it is, and never looks itself.
/// </summary>
/// <remarks>
/// <para>
/// A report is whole: memory that it does not name is neither cold nor known, so nothing is done to it. Bytes of a ledger that fall out of the report count as accessed again, where an access would
/// take them out; memory that was unmapped counts so, too, because a report cannot tell.
/// </para>
/// <para>
/// Whoever reports knows nothing of what this session does: where it has acted, ages start anew here, as they do in a session that samples. Single-threaded, as every session.
/// </para>
/// </remarks>
public sealed class ReportedSession : ISessionObserver, IDisposable
{
    /// <summary>A cut costs nothing here: the limit of what is sampled holds where it is sampled.</summary>
    private const int MaxRegions = RegionLimits.MostMax;

    private readonly ISessionObserver? _observer;
    private readonly Dictionary<int, Target> _targets = [];
    private TimeSpan _carried;

    /// <summary>Makes a session without targets.</summary>
    /// <param name="plan">What to do. Its intervals are the first ones; its limits of regions and its goal for the intervals are for whoever samples.</param>
    /// <param name="time">Times what acting costs, for quotas by time.</param>
    /// <param name="observer">Sees what is found and done.</param>
    /// <param name="machine">The state of the machine, which goals and watermarks follow.</param>
    /// <exception cref="ArgumentException">The plan has errors; the message lists all of them.</exception>
    public ReportedSession(MonitoringPlan plan, TimeProvider time, ISessionObserver? observer = null, ISystemMemory? machine = null)
    {
        _observer = observer;
        Session = new MonitoringSession(Own(plan), new ReportedRegionPolicy(LayOut), new RandomSource(0), time, this, machine);
    }

    /// <summary>The session. Its targets are added and removed here, and it is not sampled.</summary>
    public MonitoringSession Session { get; }

    /// <summary>Takes a target in. Nothing is known of it, and nothing done to it, before its first report.</summary>
    /// <param name="id">The caller's number for it, not negative, unique in the session.</param>
    /// <param name="actor">Acts on it; the session disposes it.</param>
    /// <param name="group">With which other targets it shares a budget per group; null where it is alone.</param>
    /// <param name="schemes">The names of the schemes that serve it; null for all. Changed by <see cref="MonitoringSession.ServeTarget"/>.</param>
    public SessionTarget AddTarget(int id, IMemoryActor actor, string? group = null, IReadOnlyList<string>? schemes = null)
    {
        var reported = new ReportedTarget();
        var target = Session.AddTarget(id, reported, actor, group, schemes);
        _targets[id] = new Target(target, reported);
        return target;
    }

    /// <summary>Takes a target out.</summary>
    /// <param name="id">Its number; an unknown one is ignored.</param>
    /// <param name="state">How it ended; not <see cref="TargetState.Active"/>.</param>
    /// <param name="reason">Why, for people.</param>
    public void EndTarget(int id, TargetState state, string reason)
    {
        if (state == TargetState.Active)
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "A target that ends is not active.");
        }

        Session.EndTarget(id, state, reason);
        _targets.Remove(id);
    }

    /// <summary>Takes a target's report for the next <see cref="Pass"/>, in place of one that was not passed yet.</summary>
    /// <param name="id">The target's number; an unknown one is ignored.</param>
    /// <param name="regions">All that is known of it: ascending, without overlaps, with final counts and with ages.</param>
    public void Report(int id, ReadOnlySpan<Region> regions)
    {
        if (_targets.TryGetValue(id, out var target))
        {
            target.Reported.Regions.Report(regions);
            target.Reported.IsReported = true;
        }
    }

    /// <summary>Ends the aggregations since the report before: schemes that are due are applied to what was reported.</summary>
    /// <param name="intervals">The intervals that counts and ages of the report are in.</param>
    /// <param name="since">How much time has passed since the last call; what is no whole aggregation is carried over, and at least one aggregation passes.</param>
    public void Pass(MonitoringIntervals intervals, TimeSpan since)
    {
        var before = Session.Intervals;
        if (intervals != before)
        {
            foreach (var target in _targets.Values)
            {
                target.Reported.Regions.Convert(Session.Aggregations, before, intervals);
            }

            Session.ChangeIntervals(intervals);
        }

        // Counts stand for whole aggregations, and two looks a little less than one apart have seen two.
        var left = _carried + since;
        var aggregations = Math.Clamp(left.Ticks / intervals.Aggregation.Ticks, 1, uint.MaxValue);
        var rest = left.Ticks - (aggregations * intervals.Aggregation.Ticks);
        _carried = TimeSpan.FromTicks(Math.Clamp(rest, -intervals.Aggregation.Ticks, intervals.Aggregation.Ticks));
        _ = Session.PassReported((uint)aggregations, target => _targets[target.Id].Reported.IsReported);
        foreach (var target in _targets.Values)
        {
            target.Reported.IsReported = false;
        }
    }

    /// <summary>Forgets all that is known of the memory: whoever reports has begun anew. What ledgers held is neither away nor accessed again, but unknown.</summary>
    public void Forget()
    {
        foreach (var target in _targets.Values)
        {
            target.Session.Regions.Clear();
        }
    }

    /// <summary>Puts another plan in force, as <see cref="MonitoringSession.Commit"/> does; its intervals are for whoever samples, and come back with a report.</summary>
    /// <param name="plan">The plan, whole.</param>
    /// <returns>What is wrong with it; empty when it is in force.</returns>
    public IReadOnlyList<PlanError> Commit(MonitoringPlan plan)
    {
        // Checked as it was written, then carried out with what is in force of whoever samples.
        return plan.Check() is { Count: > 0 } errors ? errors : Session.Commit(Own(plan) with { Intervals = Session.Plan.Intervals });
    }

    /// <inheritdoc/>
    public void OnAggregated(MonitoringSession session) => _observer?.OnAggregated(session);

    /// <inheritdoc/>
    public void OnSchemesApplied(MonitoringSession session)
    {
        foreach (var target in _targets.Values)
        {
            if (target.Reported.IsReported && target.Session.State == TargetState.Active)
            {
                target.Reported.Regions.NoteActed(target.Session.Regions, session.Aggregations);
            }
        }

        _observer?.OnSchemesApplied(session);
    }

    /// <inheritdoc/>
    public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes) => _observer?.OnMatched(scheme, target, range, reachableBytes);

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    private static MonitoringPlan Own(MonitoringPlan plan) => plan with { Limits = new RegionLimits(Math.Min(plan.Limits.Min, MaxRegions), MaxRegions), IntervalsGoal = null };

    private void LayOut()
    {
        foreach (var target in _targets.Values)
        {
            if (target.Reported.IsReported)
            {
                var rows = target.Reported.Regions.Rows(younger: 0, withCounts: true, Session.Aggregations);
                Session.CountUnreported(target.Session, rows);
                target.Session.Regions.LayOut(rows);
            }
        }
    }

    private sealed record Target(SessionTarget Session, ReportedTarget Reported);
}

using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.Recordings;

/// <summary>Records every n-th aggregation of a session. A recording that fails ends by itself and never disturbs the session.</summary>
/// <param name="writer">Where to; its segment says the same <paramref name="every"/>.</param>
/// <param name="every">Record every so many aggregations, at least 1.</param>
/// <param name="nameOf">The name of a target, for people; called once for each.</param>
public sealed class SessionRecorder(RecordingWriter writer, int every, Func<SessionTarget, string> nameOf) : ISessionObserver
{
    /// <summary>A target that forks by the thousand must not be remembered with all its regions.</summary>
    private const int MaxEnded = 64;

    private readonly Dictionary<int, SessionTarget> _known = [];
    private ulong _recorded;

    /// <summary>Snapshots that were left out because they break a bound of the format.</summary>
    public ulong LeftOut { get; private set; }

    /// <summary>Why the latest snapshot was left out or writing has failed, for people; empty where everything was recorded.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Whether writing has failed: nothing is recorded any more.</summary>
    public bool HasFailed => writer.HasFailed;

    /// <summary>Snapshots recorded.</summary>
    public ulong Snapshots => writer.Snapshots;

    /// <inheritdoc/>
    public void OnAggregated(MonitoringSession session)
    {
        // Where the kernel senses, several aggregations may end at once.
        var due = session.Aggregations / (ulong)every;
        if (writer.HasFailed || due == _recorded)
        {
            return;
        }

        _recorded = due;

        for (var i = 0; i < session.Targets.Count; i++)
        {
            var target = session.Targets[i];
            if (_known.Count > session.Targets.Count + MaxEnded)
            {
                ForgetEnded();
            }

            if (!_known.TryGetValue(target.Id, out var known) || !ReferenceEquals(known, target))
            {
                // A number that came back may be another process: it is recorded as new.
                _known[target.Id] = target;
                writer.AppendTarget(target.Id, nameOf(target));
            }
        }

        var outcome = writer.Append(session);
        if (outcome != RecordingWriteOutcome.Written)
        {
            LastError = writer.LastError;
            LeftOut += outcome == RecordingWriteOutcome.NotRecordable ? 1UL : 0;
        }
    }

    /// <inheritdoc/>
    public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
    {
        // What schemes did is not recorded: other schemes are to be tried on what was found.
    }

    private void ForgetEnded()
    {
        foreach (var (id, target) in _known)
        {
            if (target.State != TargetState.Active)
            {
                _known.Remove(id);
            }
        }
    }
}

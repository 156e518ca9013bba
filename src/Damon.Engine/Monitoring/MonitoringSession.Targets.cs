using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <content>What is said of single targets while the session runs: who serves them, and how much of what is shared they have.</content>
public sealed partial class MonitoringSession
{
    /// <summary>
    /// Says which schemes serve a target. A scheme sees only what it serves: the rest neither matches, nor counts, nor uses its budget. What a scheme had put away of a target that it serves no longer is
    /// forgotten. A target that no scheme serves is not looked at; when it is served again it is known as if it had just been accessed. May be called at any moment on the session's thread.
    /// </summary>
    /// <param name="id">The target's number; an unknown one is ignored.</param>
    /// <param name="schemes">Their names, also of such as a later plan brings; null for all.</param>
    public void ServeTarget(int id, IReadOnlyList<string>? schemes)
    {
        if (_targets.Find(t => t.Id == id) is not { } target)
        {
            return;
        }

        target.Serve(schemes, _schemes);
        foreach (var scheme in _schemes)
        {
            if (!target.IsServedBy(scheme))
            {
                ForgetLedger(target.Regions, scheme.Index);
            }
        }
    }

    /// <summary>
    /// Whether many targets are being taken in one after another. Each new one changes how many regions all others may have, which costs a look at all of them; while this is set it is not done, and once
    /// when it ends. To be ended before the next sample interval.
    /// </summary>
    public bool IsGathering
    {
        get;
        set
        {
            var ends = field && !value;
            field = value;
            if (ends)
            {
                FitRegions();
            }
        }
    }

    /// <summary>Says how much of every scheme's budget a group may use: of the limit per group where there is one, else of the scheme's own. Holds from the next pass on, also for targets that are added later while others of the group are there.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="share">From 0, nothing, to 1, all of it.</param>
    public void SetBudgetShare(string group, double share)
    {
        if (!(share >= 0 && share <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share from 0 to 1.");
        }

        foreach (var target in _targets)
        {
            if (target.Group == group)
            {
                target.BudgetShare = share;
            }
        }
    }

    /// <summary>
    /// Ends a sample interval that is cut short, for whoever has to <see cref="Commit"/> now: it has not passed and nothing is counted. Nothing happens where none has begun.
    /// </summary>
    public void AbandonSample() => _isSampling = false;

    private static void ForgetLedger(RegionTable regions, int scheme)
    {
        for (var i = 0; i < regions.Count; i++)
        {
            regions.LedgerOf(i)[scheme] = 0;
        }
    }
}

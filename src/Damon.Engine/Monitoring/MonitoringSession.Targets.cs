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
    /// Says how densely a target is to be cut into regions compared with others: of two targets of the same size the one of twice the weight gets about twice the regions. Only the policy
    /// <see cref="RegionPolicyKind.Adaptive"/> knows weights; DAMON's does not.
    /// </summary>
    /// <param name="id">The target's number; an unknown one is ignored.</param>
    /// <param name="weight">Above 0; 1 where nothing was said.</param>
    public void SetRegionWeight(int id, double weight)
    {
        if (!(weight > 0) || double.IsInfinity(weight))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "A finite weight above 0.");
        }

        if (_targets.Find(t => t.Id == id) is { } target)
        {
            target.Regions.Weight = weight;
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

using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

public sealed partial class MonitoringSession
{
    private static bool HasBudget(SchemeRun scheme) => scheme.Window.Quota.IsLimited || scheme.Window.Quota.PerGroupBytes > 0 || scheme.Window.Groups.Count > 0;

    /// <summary>Begins a quota window where the last one is over; its goals are read once for it.</summary>
    private void OpenWindow(SchemeRun scheme)
    {
        var window = scheme.Window;
        if (!window.IsOver(Elapsed))
        {
            return;
        }

        var statistics = scheme.Statistics;
        statistics.GoalError = GoalReader.Read(window.Goals, _machine, Elapsed, window.Quota.Interval);
        window.Advance(Elapsed);
        statistics.GoalScore = window.Score;
        statistics.QuotaExceededWindows = window.ExceededWindows;
        statistics.GroupQuotaExceededWindows = window.ExceededGroupWindows;
    }

    private void ClearScores(SchemeRun scheme)
    {
        Array.Clear(_bytesByScore);
        foreach (var group in scheme.Window.Groups)
        {
            Array.Clear(group.BytesByScore);
        }
    }

    /// <summary>
    /// The lowest score that the budget has room for. A group counts with no more than it may still take: else one group's coldest memory, most of which its own limit
    /// keeps it from, would leave the rest of the scheme's budget to nobody.
    /// </summary>
    private int FindMinScore(SchemeRun scheme)
    {
        foreach (var group in scheme.Window.Groups)
        {
            group.Fold(_bytesByScore);
        }

        return RegionScore.LowestWithin(_bytesByScore, scheme.Window.LeftBytes);
    }

    private void BeginGroups(SchemeRun scheme)
    {
        foreach (var group in scheme.Window.Groups)
        {
            group.BeginPass(group.ResumeTarget >= 0 && IndexOfTarget(group.ResumeTarget) is >= 0 and var at && _targets[at].IsServedBy(scheme));
        }
    }

    private static bool LeavesRest(SchemeRun scheme)
    {
        foreach (var group in scheme.Window.Groups)
        {
            if (group.RoundTarget >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Walks once round all targets. A group that was full when its last window ended is taken up where it stopped; what lies before that place in the round is its
    /// rest, which only a second round serves.
    /// </summary>
    /// <returns>False when the scheme's budget is used up.</returns>
    private bool WalkRound(SchemeRun scheme, int first, ulong resumeAddress, bool isSecondRound, ref bool measured)
    {
        for (var i = first; i < _targets.Count; i++)
        {
            if (!WalkPart(scheme, _targets[i], i == first ? resumeAddress : 0, ulong.MaxValue, isSecondRound, ref measured))
            {
                return false;
            }
        }

        for (var i = 0; i <= first && i < _targets.Count; i++)
        {
            var to = i < first ? ulong.MaxValue : resumeAddress;
            if (to > 0 && !WalkPart(scheme, _targets[i], 0, to, isSecondRound, ref measured))
            {
                return false;
            }
        }

        return true;
    }

    private bool WalkPart(SchemeRun scheme, SessionTarget target, ulong from, ulong to, bool isSecondRound, ref bool measured)
    {
        if (!target.IsServedBy(scheme))
        {
            return true;
        }

        var group = scheme.Window.GroupOf(target.BudgetGroup, target.BudgetShare);
        if (group is null)
        {
            return isSecondRound || Walk(scheme, target, group, from, to, ref measured);
        }

        if (group.HasStopped || (isSecondRound && group.RoundTarget < 0))
        {
            return true;
        }

        if (isSecondRound)
        {
            if (group.RoundTarget == target.Id && group.RoundAddress >= from && group.RoundAddress < to)
            {
                to = group.RoundAddress;
                group.EndRound();
            }
        }
        else if (group.IsBeforeResume && !group.IsFull)
        {
            if (group.ResumeTarget != target.Id || group.ResumeAddress < from || group.ResumeAddress >= to)
            {
                return true;
            }

            from = group.ResumeAddress;
            group.TakeUp();
        }

        if (group.IsFull)
        {
            group.StopAt(target.Id, from);
            return true;
        }

        return from >= to || Walk(scheme, target, group, from, to, ref measured);
    }

    /// <summary>What may still be acted on: whole smallest regions of what the scheme, the group and the floor leave, so that a rest below one is never stretched.</summary>
    private ulong BudgetOf(SchemeRun scheme, GroupBudget? group, ulong headroom)
    {
        var left = Math.Min(scheme.Window.LeftBytes, headroom);
        return Math.Min(left, group?.LeftBytes ?? ulong.MaxValue) & ~(Plan.MinRegionBytes - 1);
    }

    /// <summary>Charges the part of a region that fits the budget, for an action that does nothing but count.</summary>
    private void CountWithin(SchemeRun scheme, SessionTarget target, GroupBudget? group, int index)
    {
        var regions = target.Regions;
        var range = regions[index].Range;
        var budget = BudgetOf(scheme, group, ulong.MaxValue);
        if (range.SizeBytes > budget)
        {
            if (_roomForCuts <= 0)
            {
                return;
            }

            Cut(regions, index, range.Start + budget);
            range = regions[index].Range;
        }

        scheme.Window.Charge(range.SizeBytes);
        group?.Charge(range.SizeBytes);
        scheme.Statistics.AdvisedBytes += range.SizeBytes;
        _observer?.OnMatched(scheme, target, range, range.SizeBytes);
    }

    /// <summary>Gives the budget back what an action did not reach, but for the share that failures are charged with.</summary>
    private static void Settle(SchemeRun scheme, GroupBudget? group, ulong charged, ulong applied)
    {
        var quota = scheme.Window.Quota;
        var due = QuotaCharge.Of(charged, applied, quota.FailedChargeNumerator, quota.FailedChargeDenominator);
        scheme.Window.Return(charged - due);
        group?.Return(charged - due);
    }
}

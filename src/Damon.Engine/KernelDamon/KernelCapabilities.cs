using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// What the kernel's DAMON is asked for, and what not. The kernel takes much that it then does not do, silently: it says yes and reports zero bytes, or does not ask a filter and acts on
/// what it should hold back. All of that is refused here, before anything is written. Pure.
/// </summary>
/// <param name="features">What the kernel can.</param>
/// <param name="isExpected">Whether that was only concluded from its version.</param>
public sealed class KernelCapabilities(KernelFeatures features, bool isExpected = false)
{
    /// <summary>What the kernel can.</summary>
    public KernelFeatures Features { get; } = features;

    /// <summary>Whether that was only concluded from its version, and never tried: for people to read, not to act on.</summary>
    public bool IsExpected { get; } = isExpected;

    /// <summary>What a kernel of this version is expected to be capable of.</summary>
    /// <param name="kernel">Its version.</param>
    public static KernelCapabilities Expected(KernelRelease kernel) => new(ExpectedFeatures.Of(kernel), isExpected: true);

    /// <summary>Whether an action is left to the kernel.</summary>
    /// <param name="action">Which one.</param>
    /// <param name="operations">On which kind of memory.</param>
    public KernelVerdict Action(SchemeAction action, KernelOperations operations)
    {
        if (!Features.Operations.Contains(operations))
        {
            return new(KernelRefusal.NoOperations, $"This kernel's DAMON does not look at memory by {(operations == KernelOperations.Paddr ? "physical address" : "process")} ({Word(operations)}).");
        }

        if (action == SchemeAction.Reclaim)
        {
            return new(KernelRefusal.NotInDamon, "Reclaim is no action of DAMON: memory.reclaim of a control group does it.");
        }

        if (!Features.Actions.Contains(action))
        {
            return new(KernelRefusal.UnknownAction, $"This kernel's DAMON has no {action}.");
        }

        var isPhysical = operations == KernelOperations.Paddr;
        switch (action)
        {
            case SchemeAction.Stat:
                return KernelVerdict.Supported;
            case SchemeAction.LruPrio or SchemeAction.LruDeprio when !isPhysical:
                return new(KernelRefusal.NeedsPhysical, $"{action} does something by physical address only; by process the kernel takes it and does nothing.");
            case SchemeAction.Cold or SchemeAction.WillNeed or SchemeAction.Collapse or SchemeAction.HugePage or SchemeAction.NoHugePage when isPhysical:
                return new(KernelRefusal.NeedsVirtual, $"{action} is advice on a process's memory; by physical address the kernel takes it and does nothing.");
            case SchemeAction.MigrateHot or SchemeAction.MigrateCold when !isPhysical && !Features.HasDestinations:
                // Both came with 6.17, and only one of them leaves a file.
                return new(KernelRefusal.NoEffect, $"{action} by process does something from Linux 6.17 on; this kernel (no dests) takes it and does nothing.");
            default:
                break;
        }

        return Features.HasSnapshotLimit
            ? KernelVerdict.Supported
            : new(KernelRefusal.NoSnapshotLimit, $"This kernel cannot end a scheme by itself (no max_nr_snapshots, Linux 7.0): {action} would go on after the agent is gone. It senses, and the agent acts.");
    }

    /// <summary>Whether a filter is asked for an action.</summary>
    /// <param name="filter">Which one.</param>
    /// <param name="action">For which action.</param>
    /// <param name="operations">On which kind of memory.</param>
    public KernelVerdict Filter(SchemeFilterType filter, SchemeAction action, KernelOperations operations)
    {
        if (!Features.Filters.Contains(filter))
        {
            return new(KernelRefusal.UnknownFilter, $"This kernel's DAMON has no filter {filter}.");
        }

        if (filter is SchemeFilterType.Address or SchemeFilterType.Target)
        {
            return KernelVerdict.Supported;
        }

        // By process, single pages are looked at since 6.17 to move them and since 6.18 to count them; advice is given to whole regions. The files stand for the releases.
        var isAsked = (action, operations) switch
        {
            (SchemeAction.Stat, KernelOperations.Paddr) => Features.HasFilterPassed,
            (_, KernelOperations.Paddr) => true,
            (SchemeAction.Stat, _) => Features.HasAddressUnit,
            (SchemeAction.MigrateHot or SchemeAction.MigrateCold, _) => Features.HasDestinations,
            _ => false,
        };
        return isAsked
            ? KernelVerdict.Supported
            : new(KernelRefusal.FilterIgnored, $"This kernel does not ask the filter {filter} for {action} {(operations == KernelOperations.Paddr ? "by physical address" : "by process")}: it would take all of a region.");
    }

    /// <summary>Whether a list of filters can be said to this kernel.</summary>
    /// <param name="filters">In their order.</param>
    /// <param name="action">For which action.</param>
    /// <param name="operations">On which kind of memory.</param>
    public KernelVerdict Filters(IReadOnlyList<SchemeFilter> filters, SchemeAction action, KernelOperations operations)
    {
        foreach (var filter in filters)
        {
            if (Filter(filter.Type, action, operations) is { IsSupported: false } refused)
            {
                return refused;
            }
        }

        if (Features.HasFilterAllow)
        {
            return KernelVerdict.Supported;
        }

        // Where filters only hold back, "let this through and nothing else" is said as "hold back what is not this": once, behind all others, and not before filters on pages, which a
        // region that is let through would skip. Two such filters would hold back everything.
        var regions = filters.Where(filter => filter.IsOfRegions).ToList();
        var pages = filters.Where(filter => !filter.IsOfRegions).ToList();
        var allows = filters.Count(filter => filter.Allow);
        var canBeSaid = allows == 0
            || (allows == 1 && (pages.Count > 0 ? pages[^1].Allow : regions[^1].Allow));
        return canBeSaid
            ? KernelVerdict.Supported
            : new(KernelRefusal.NoFilterAllow, "Filters of this kernel only hold back (no allow, Linux 6.14): at most one may let memory through, and it must be the last; for several control groups use a context each.");
    }

    /// <summary>Whether a budget can follow a goal.</summary>
    /// <param name="goal">Which one.</param>
    /// <param name="operations">On which kind of memory.</param>
    public KernelVerdict Goal(GoalMetric goal, KernelOperations operations) =>
        !Features.Goals.Contains(goal) ? new(KernelRefusal.UnknownGoal, $"This kernel's DAMON has no goal {goal}.")
        : goal == GoalMetric.NodeEligibleMemory && operations != KernelOperations.Paddr ? new(KernelRefusal.GoalNeedsPhysical, $"The goal {goal} is measured by physical address only.")
        : KernelVerdict.Supported;

    /// <summary>Whether everything that a kdamond is told can be done and has an effect.</summary>
    /// <param name="context">What it is told.</param>
    /// <returns>The first refusal; its message names the scheme's place.</returns>
    public KernelVerdict Context(KernelContext context)
    {
        if (!Features.Operations.Contains(context.Operations))
        {
            return Action(SchemeAction.Stat, context.Operations);
        }

        if (context.IntervalsGoal is not null && !Features.HasIntervalsGoal)
        {
            return new(KernelRefusal.NoIntervalsGoal, "This kernel does not tune intervals (no intervals_goal, Linux 6.15).");
        }

        if (context.IsPaused && !Features.HasPause)
        {
            return new(KernelRefusal.NoPause, "This kernel cannot let a context rest (no pause, Linux 7.2).");
        }

        if (context.AddressUnitBytes != 1 && !Features.HasAddressUnit)
        {
            return new(KernelRefusal.NoAddressUnit, "This kernel has no units of addresses (no addr_unit, Linux 6.18).");
        }

        for (var i = 0; i < context.Schemes.Count; i++)
        {
            if (Scheme(context.Schemes[i], context.Operations) is { IsSupported: false } refused)
            {
                return refused with { Message = $"Scheme {i}: {refused.Message}" };
            }
        }

        return KernelVerdict.Supported;
    }

    /// <summary>Whether a scheme can be carried out by the kernel.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="operations">On which kind of memory.</param>
    public KernelVerdict Scheme(KernelScheme scheme, KernelOperations operations) =>
        First(
            Action(scheme.Action, operations),
            Filters(scheme.Filters, scheme.Action, operations),
            Destinations(scheme, operations),
            Quota(scheme.Quota, operations),
            scheme.Watermarks is { Metric: WatermarkMetric.AvailableMemory }
                ? new(KernelRefusal.UnknownWatermark, "The kernel's watermarks go by free memory; available memory is for the agent to look at.")
                : KernelVerdict.Supported,
            scheme.Action != SchemeAction.Stat && scheme.MaxSnapshots == 0
                ? new(KernelRefusal.Unbounded, $"{scheme.Action} without an end (max_nr_snapshots) would go on after the agent is gone.")
                : KernelVerdict.Supported);

    private static KernelVerdict First(params ReadOnlySpan<KernelVerdict> verdicts)
    {
        foreach (var verdict in verdicts)
        {
            if (!verdict.IsSupported)
            {
                return verdict;
            }
        }

        return KernelVerdict.Supported;
    }

    private static string Word(KernelOperations operations) => operations switch
    {
        KernelOperations.Vaddr => "vaddr",
        KernelOperations.Fvaddr => "fvaddr",
        _ => "paddr",
    };

    private static KernelVerdict Destinations(KernelScheme scheme, KernelOperations operations) =>
        scheme.Action is not (SchemeAction.MigrateHot or SchemeAction.MigrateCold) ? KernelVerdict.Supported
        : scheme.Destinations.Count == 0 ? new(KernelRefusal.NoDestination, $"{scheme.Action} needs a node to move to.")
        : scheme.Destinations.Count > 1 && operations == KernelOperations.Paddr
            ? new(KernelRefusal.OneDestination, "By physical address the kernel moves to one node; it takes several destinations and ignores them.")
            : KernelVerdict.Supported;

    private KernelVerdict Quota(SchemeQuota? quota, KernelOperations operations)
    {
        if (quota is null)
        {
            return KernelVerdict.Supported;
        }

        foreach (var goal in quota.Goals)
        {
            if (Goal(goal.Metric, operations) is { IsSupported: false } refused)
            {
                return refused;
            }
        }

        return quota.Goals.Count > 0 && quota.Tuner == QuotaTuner.Temporal && !Features.HasGoalTuner
                ? new(KernelRefusal.NoGoalTuner, "This kernel has one tuner of budgets, Consistent (no goal_tuner, Linux 7.1).")
            : quota.FailedChargeDenominator > 0 && !Features.HasFailedCharge
                ? new(KernelRefusal.NoFailedCharge, "This kernel charges failures in full (no fail_charge_num, Linux 7.2).")
            : quota.PerGroupBytes > 0
                ? new(KernelRefusal.NoGroupBudget, "The kernel's budgets are for a scheme as a whole; a budget per pod is the agent's to keep.")
                : KernelVerdict.Supported;
    }
}

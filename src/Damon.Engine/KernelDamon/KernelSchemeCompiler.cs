using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Turns a scheme into one of the kernel, for what the kernel itself carries out: schemes of a whole node over physical addresses, and huge-page advice over the addresses of processes. Pure.
/// </summary>
/// <remarks>
/// Facts of the kernel that shape the filters (mm/damon, Linux 7.3). The first filter that is about a page decides (<c>damos_pa_filter_out</c>), so a user's filter that lets memory through would
/// let through memory of any control group if it stood before the list of groups; what holds memory back goes first. A region filter that lets through skips all page filters
/// (<c>core_filters_allowed</c>), so none is ever used. <c>damon_pa_pageout</c> appends a filter against pages that were just accessed at the end of the list, where a list of groups has decided
/// already, so the compiler sets it itself, in front. And an empty list lets everything through, so a scheme without a group is not compiled at all.
/// </remarks>
public static class KernelSchemeCompiler
{
    /// <summary>The most control groups of one scheme: each is a folder of nine files, written anew for each lease.</summary>
    public const int MaxCgroups = 512;

    private static readonly SchemeFilter NoAnonymous = new(SchemeFilterType.Anonymous, Matching: true, Allow: false);

    /// <summary>A scheme that looks at pages' groups walks every page of what matches; more often than this it is not done.</summary>
    public static TimeSpan ShortestPass { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Compiles one scheme.</summary>
    /// <param name="scheme">The scheme; checked.</param>
    /// <param name="operations">Physical for a whole node, virtual for processes.</param>
    /// <param name="intervals">The intervals in force.</param>
    /// <param name="features">What the kernel can.</param>
    /// <param name="scope">What it may be about.</param>
    /// <param name="nodeTargetsAllowed">Whether a whole node may be acted on.</param>
    /// <param name="longestGrant">What a grant may take by its intervals; null for all that a lease allows.</param>
    public static KernelCompilation Compile(
        SchemeDescription scheme,
        KernelOperations operations,
        MonitoringIntervals intervals,
        KernelFeatures features,
        KernelScope scope,
        bool nodeTargetsAllowed,
        TimeSpan? longestGrant = null)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(scope);
        if (FindRefusal(scheme, operations, features) is { } refusal)
        {
            return refusal;
        }

        var observes = scheme.Action == SchemeAction.Stat || scheme.Mode == SchemeMode.Observe ? KernelSchemeReason.Observed
            : operations == KernelOperations.Paddr && !nodeTargetsAllowed ? KernelSchemeReason.NodeTargetsNotAllowed
            : KernelSchemeReason.None;
        if (observes == KernelSchemeReason.None && FindUnbounded(scheme, intervals, features, scope, longestGrant ?? KernelLease.NominalTerm) is { } unbounded)
        {
            return unbounded;
        }

        var thresholds = PatternThresholds.For(scheme.Pattern, intervals.SamplesPerAggregation, intervals.Aggregation);
        if (!thresholds.IsRepresentable)
        {
            return Refuse(KernelSchemeReason.Unrepresentable, $"{scheme.Name}: its rates or ages cannot be told apart with samples every {intervals.Sample} and aggregations of {intervals.Aggregation}");
        }

        var filters = new List<SchemeFilter>();
        if (operations == KernelOperations.Paddr && (AddSource(scheme, scope, filters) ?? AddPages(scheme, features, scope, filters)) is { } problem)
        {
            return problem;
        }

        var isStat = observes != KernelSchemeReason.None;
        var compiled = new KernelScheme(isStat ? SchemeAction.Stat : scheme.Action, KernelPattern.From(thresholds))
        {
            ApplyInterval = isStat && scheme.ApplyInterval < ShortestPass ? ShortestPass : scheme.ApplyInterval,
            Filters = filters,
            Destinations = isStat ? [] : [.. scheme.Destinations.Where(destination => destination.Weight > 0)],
        };
        // What is only counted is counted without a look at pages before sz_ops_filter_passed came, with Linux 6.14.
        var ofWhom = isStat && filters.Count > 0 && !features.HasFilterPassed ? "; this kernel asks no filters for what it only counts (that came with Linux 6.14), so the bytes are those of the whole node" : "";
        return new KernelCompilation(compiled, observes, observes switch
        {
            KernelSchemeReason.NodeTargetsNotAllowed => $"{scheme.Name} is only observed: acting on a whole node has to be allowed first (nodeTargets){ofWhom}",
            KernelSchemeReason.Observed => $"{scheme.Name} is observed{ofWhom}",
            _ => "",
        });
    }

    private static KernelCompilation? FindRefusal(SchemeDescription scheme, KernelOperations operations, KernelFeatures features)
    {
        var can = operations == KernelOperations.Paddr
            ? scheme.Action is SchemeAction.Stat or SchemeAction.Pageout or SchemeAction.LruPrio or SchemeAction.LruDeprio or SchemeAction.MigrateHot or SchemeAction.MigrateCold
            : scheme.Action is SchemeAction.Stat or SchemeAction.HugePage or SchemeAction.NoHugePage;
        if (!can)
        {
            return Refuse(KernelSchemeReason.UnsupportedAction, operations == KernelOperations.Paddr
                ? $"{scheme.Action} is nothing that DAMON does to physical memory"
                : $"{scheme.Action} on processes is carried out by the agent, not left to the kernel");
        }

        if (!features.Operations.Contains(operations) || !features.Actions.Contains(scheme.Action))
        {
            return Refuse(KernelSchemeReason.UnsupportedAction, $"this kernel's DAMON does not have {(features.Operations.Contains(operations) ? scheme.Action : operations)}");
        }

        if (scheme.Filters.FirstOrDefault(filter => filter.IsOfRegions || filter.Type == SchemeFilterType.Cgroup) is { } own)
        {
            return Refuse(KernelSchemeReason.UnsupportedFilter, $"a filter of type {own.Type} is set by the agent alone");
        }

        if (operations != KernelOperations.Paddr && scheme.Filters.Count > 0)
        {
            // vaddr.c asks page filters for stat and the moves only; madvise takes whole ranges.
            return Refuse(KernelSchemeReason.UnsupportedFilter, "advice to processes is given to whole regions; the kernel does not ask filters on pages there");
        }

        if (scheme.Filters.FirstOrDefault(filter => !features.Filters.Contains(filter.Type)) is { } unknown)
        {
            return Refuse(KernelSchemeReason.UnsupportedFilter, $"this kernel's DAMON has no filter of type {unknown.Type}");
        }

        var moves = scheme.Action is SchemeAction.MigrateHot or SchemeAction.MigrateCold;
        return moves && scheme.Destinations.Count(destination => destination.Weight > 0) != 1
            ? Refuse(KernelSchemeReason.UnsupportedDestination, "over physical addresses DAMON moves pages to one node (damon_pa_migrate); name one destination")
            : null;
    }

    /// <summary>What would leave the kernel acting without an end, or without a bound, after the agent's death.</summary>
    private static KernelCompilation? FindUnbounded(SchemeDescription scheme, MonitoringIntervals intervals, KernelFeatures features, KernelScope scope, TimeSpan longestGrant)
    {
        if (!features.HasSnapshotLimit)
        {
            return Refuse(KernelSchemeReason.NoLease, "this kernel's DAMON cannot end a scheme by itself (no max_nr_snapshots, Linux 7.0): it would act on after the agent's death; observe");
        }

        if (!scheme.Quota.IsLimited)
        {
            return Refuse(KernelSchemeReason.NoQuota, "nothing bounds what the kernel would do after the agent's death: give quota.size, quota.time or quota.goals");
        }

        if (scheme.Quota.PerGroupBytes > 0)
        {
            return Refuse(KernelSchemeReason.UnsupportedQuota, "the kernel keeps one budget for all control groups of a scheme; leave quota.perPod out");
        }

        return KernelLease.LongestDelay(intervals, scope.Targets.Count) > longestGrant
            ? Refuse(KernelSchemeReason.LeaseTooLong, $"a pass over {Math.Max(1, scope.Targets.Count)} targets every {intervals.Aggregation} may take longer than the {longestGrant} of a grant; shorten the aggregation interval")
            : null;
    }

    /// <summary>What lies on the destination already is not tried: moving it would only cost budget.</summary>
    private static KernelCompilation? AddSource(SchemeDescription scheme, KernelScope scope, List<SchemeFilter> filters)
    {
        if (scheme.Action is not (SchemeAction.MigrateHot or SchemeAction.MigrateCold))
        {
            return null;
        }

        var node = scheme.Destinations.First(destination => destination.Weight > 0).Node;
        if (!scope.NodeRanges.TryGetValue(node, out var ranges) || ranges.Count == 0)
        {
            return Refuse(KernelSchemeReason.UnsupportedDestination, $"this machine has no memory on node {node}");
        }

        foreach (var range in ranges)
        {
            filters.Add(new SchemeFilter(SchemeFilterType.Address, Matching: true, Allow: false) { StartAddress = range.Start, EndAddress = range.End });
        }

        return null;
    }

    private static KernelCompilation? AddPages(SchemeDescription scheme, KernelFeatures features, KernelScope scope, List<SchemeFilter> filters)
    {
        if (!features.Filters.Contains(SchemeFilterType.Cgroup))
        {
            return Refuse(KernelSchemeReason.UnsupportedFilter, "this kernel's DAMON cannot tell control groups apart, so a node's other memory would be acted on too");
        }

        if (scope.Cgroups.Count is 0 or > MaxCgroups)
        {
            return scope.Cgroups.Count == 0
                ? Refuse(KernelSchemeReason.NoEligibleCgroup, "no control group is there, or above its floor, whose memory may be acted on")
                : Refuse(KernelSchemeReason.TooManyCgroups, $"{scope.Cgroups.Count} control groups are eligible; at most {MaxCgroups} are filtered for");
        }

        if (!features.HasFilterAllow && scheme.Filters.Any(filter => filter.Allow))
        {
            return Refuse(KernelSchemeReason.UnsupportedFilter, "this kernel's filters only hold memory back (no 'allow', Linux 6.14); write filters with allow: false");
        }

        // As the kernel does by itself where a scheme has no such filter, but where it is asked.
        var young = scheme.Action == SchemeAction.Pageout && features.Filters.Contains(SchemeFilterType.Young) && scheme.Filters.All(filter => filter.Type != SchemeFilterType.Young)
            ? new SchemeFilter(SchemeFilterType.Young, Matching: true, Allow: false)
            : null;
        var keepsAnonymous = scheme.Action == SchemeAction.Pageout && scope.Cgroups.Any(cgroup => cgroup.KeepsAnonymous);
        if (keepsAnonymous && !features.Filters.Contains(SchemeFilterType.Anonymous))
        {
            return Refuse(KernelSchemeReason.UnsupportedFilter, "anonymous memory must be left alone now, and this kernel's DAMON cannot tell it apart");
        }

        if (scope.Cgroups.Count == 1)
        {
            filters.Add(new SchemeFilter(SchemeFilterType.Cgroup, Matching: false, Allow: false) { CgroupPath = scope.Cgroups[0].Path });
            AddIfAny(filters, keepsAnonymous ? NoAnonymous : null);
            AddIfAny(filters, young);
            filters.AddRange(scheme.Filters);
            return null;
        }

        if (!features.HasFilterAllow)
        {
            return Refuse(KernelSchemeReason.UnsupportedFilter, $"{scope.Cgroups.Count} control groups are eligible, and this kernel's filters only hold memory back (no 'allow', Linux 6.14): they can name one; give one control group");
        }

        for (var i = 0; i < scheme.Filters.Count; i++)
        {
            var filter = scheme.Filters[i];
            if (filter.Allow && i < scheme.Filters.Count - 1)
            {
                return Refuse(KernelSchemeReason.UnsupportedFilter, $"filters[{i}] lets memory through before others are asked, and with it memory of any control group; write it as the last one, or give one control group");
            }

            // A list that ends by letting X through holds back all that is not X.
            filters.Add(filter.Allow ? filter with { Matching = !filter.Matching, Allow = false } : filter);
        }

        AddIfAny(filters, young);

        // What is of a group that may lose all is let through before anonymous memory is held back; what then still is asked about is of the other groups, or of nobody's.
        filters.AddRange(scope.Cgroups.Where(cgroup => !keepsAnonymous || !cgroup.KeepsAnonymous).Select(LetThrough));
        if (keepsAnonymous)
        {
            filters.Add(NoAnonymous);
            filters.AddRange(scope.Cgroups.Where(cgroup => cgroup.KeepsAnonymous).Select(LetThrough));
        }

        return null;
    }

    private static SchemeFilter LetThrough(EligibleCgroup cgroup) => new(SchemeFilterType.Cgroup, Matching: true, Allow: true) { CgroupPath = cgroup.Path };

    private static void AddIfAny(List<SchemeFilter> filters, SchemeFilter? filter)
    {
        if (filter is not null)
        {
            filters.Add(filter);
        }
    }

    private static KernelCompilation Refuse(KernelSchemeReason reason, string message) => new(null, reason, message);
}

using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Writes down a context as files of the tree, for what one kernel can. Everything that the context is responsible for is there, defaults too, so that nothing depends on what
/// stood there before: a fresh scheme of the kernel matches nothing, and a fresh filter is about what does not match.
/// </summary>
/// <remarks>
/// What the agent does and the kernel does not is left out: watermarks of available memory, and the start of a size that goals steer (the kernel begins with one byte).
/// Whatever else this kernel has no words for is an error.
/// </remarks>
internal sealed class KernelContextRenderer
{
    /// <summary>Weights of the API are shares in percent, those of the kernel in thousandths. Only their ratio counts; ten times the highest weight fits the kernel's 32 bits.</summary>
    private const uint PermilPerPercent = 10;

    private const string Yes = "Y";
    private const string No = "N";

    private readonly KernelContext _context;
    private readonly KernelFeatures _features;
    private readonly List<KernelFile> _files;
    private KernelOutcome _outcome = KernelOutcome.Done;

    private KernelContextRenderer(KernelContext context, KernelFeatures features, List<KernelFile> files)
    {
        _context = context;
        _features = features;
        _files = files;
    }

    private ulong Unit => _context.Operations == KernelOperations.Paddr ? Math.Max(1, _context.AddressUnitBytes) : 1;

    /// <summary>Renders.</summary>
    /// <param name="context">What to do.</param>
    /// <param name="features">What the kernel can.</param>
    /// <param name="files">Is cleared, then filled in the order in which to write: counts before what they count, types before their arguments.</param>
    /// <returns><see cref="KernelOutcomeKind.Unsupported"/> with what this kernel cannot, or <see cref="KernelOutcomeKind.Refused"/> with what every kernel refuses.</returns>
    public static KernelOutcome Render(KernelContext context, KernelFeatures features, List<KernelFile> files)
    {
        files.Clear();
        var renderer = new KernelContextRenderer(context, features, files);
        renderer.Attributes();
        renderer.Targets();
        renderer.Count("schemes/nr_schemes", context.Schemes.Count);
        for (var i = 0; i < context.Schemes.Count; i++)
        {
            renderer.Scheme($"schemes/{i}/", context.Schemes[i]);
        }

        return renderer._outcome;
    }

    private static ulong Microseconds(TimeSpan time) => RoundUp(time, TimeSpan.TicksPerMicrosecond);

    private static ulong Milliseconds(TimeSpan time) => RoundUp(time, TimeSpan.TicksPerMillisecond);

    /// <summary>Up, so that what is above nothing never becomes nothing, which the kernel reads as "no limit" or "the default".</summary>
    private static ulong RoundUp(TimeSpan time, long ticks) => time <= TimeSpan.Zero ? 0 : (ulong)(((time.Ticks - 1) / ticks) + 1);

    private static ulong Ceiling(ulong value, ulong unit) => (value / unit) + (value % unit == 0 ? 0UL : 1UL);

    private void Attributes()
    {
        if (!_features.Operations.Contains(_context.Operations))
        {
            Unsupported($"operations {_context.Operations}");
        }

        Word("operations", KernelVocabulary.WordOf(KernelVocabulary.Operations, _context.Operations));
        if (_context.AddressUnitBytes != 1 && (!_features.HasAddressUnit || _context.Operations != KernelOperations.Paddr))
        {
            Unsupported(_features.HasAddressUnit ? "an address unit for virtual addresses" : "an address unit (addr_unit)");
        }

        if (_features.HasAddressUnit)
        {
            Number("addr_unit", Unit);
        }

        if (_features.HasPause)
        {
            Flag("pause", _context.IsPaused);
        }
        else if (_context.IsPaused)
        {
            Unsupported("a context that rests (pause)");
        }

        var (sample, aggregation) = (Microseconds(_context.Intervals.Sample), Microseconds(_context.Intervals.Aggregation));
        if (sample == 0 || sample > aggregation)
        {
            Refused($"a sample interval of {_context.Intervals.Sample} in an aggregation interval of {_context.Intervals.Aggregation}");
        }

        Number("monitoring_attrs/intervals/sample_us", sample);
        Number("monitoring_attrs/intervals/aggr_us", aggregation);
        Number("monitoring_attrs/intervals/update_us", Microseconds(_context.Intervals.Update));
        IntervalsGoal(sample);
        var (min, max) = _context.Limits;
        if (min < RegionLimits.LeastMin || min > max)
        {
            Refused($"{min} to {max} regions");
        }

        Number("monitoring_attrs/nr_regions/min", (ulong)Math.Max(0, min));
        Number("monitoring_attrs/nr_regions/max", (ulong)Math.Max(0, max));
    }

    private void IntervalsGoal(ulong sample)
    {
        var goal = _context.IntervalsGoal;
        if (!_features.HasIntervalsGoal)
        {
            if (goal is not null)
            {
                Unsupported("intervals that tune themselves (intervals_goal)");
            }

            return;
        }

        const int MillionthsPerBasisPoint = 100;
        const string Folder = "monitoring_attrs/intervals/intervals_goal/";
        var (min, max) = goal is null ? (0UL, 0UL) : (Microseconds(goal.MinSample), Microseconds(goal.MaxSample));
        if (goal is not null && (sample < min || sample > max))
        {
            Refused($"a sample interval of {_context.Intervals.Sample} outside its goal's {goal.MinSample} to {goal.MaxSample}");
        }

        Number(Folder + "access_bp", goal is null ? 0 : Ceiling((ulong)goal.AccessRate.Millionths, MillionthsPerBasisPoint));
        Number(Folder + "aggrs", goal is null ? 0 : (ulong)goal.Aggregations);
        Number(Folder + "min_sample_us", min);
        Number(Folder + "max_sample_us", max);
    }

    private void Targets()
    {
        var isPhysical = _context.Operations == KernelOperations.Paddr;
        if (isPhysical && _context.Targets.Count > 1)
        {
            Refused($"{_context.Targets.Count} targets of physical addresses; one is possible");
        }

        Count("targets/nr_targets", _context.Targets.Count);
        for (var i = 0; i < _context.Targets.Count; i++)
        {
            var target = _context.Targets[i];
            var folder = $"targets/{i}/";
            Number(folder + "pid_target", isPhysical ? 0 : (ulong)Math.Max(0, target.Pid));
            if (_features.HasObsoleteTarget)
            {
                Flag(folder + "obsolete_target", target.IsObsolete);
            }
            else if (target.IsObsolete)
            {
                Unsupported("removing a running target (obsolete_target)");
            }

            Ranges(folder + "regions/", target.Ranges, i);
        }
    }

    private void Ranges(string folder, IReadOnlyList<AddressRange> ranges, int target)
    {
        // Only whole units: what is asked for is never exceeded.
        var inUnits = new List<AddressRange>(ranges.Count);
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            var (start, end) = (Ceiling(range.Start, Unit), range.End / Unit);
            if (i > 0 && range.Start < ranges[i - 1].End)
            {
                Refused($"the ranges of target {target}, of which {range} is not behind the one before it");
            }

            if (start < end)
            {
                inUnits.Add(new AddressRange(start, end));
            }
            else
            {
                Refused($"the range {range} of target {target}, which holds no whole unit of {Unit} bytes");
            }
        }

        Count(folder + "nr_regions", inUnits.Count);
        for (var i = 0; i < inUnits.Count; i++)
        {
            Number($"{folder}{i}/start", inUnits[i].Start);
            Number($"{folder}{i}/end", inUnits[i].End);
        }
    }

    private void Scheme(string folder, KernelScheme scheme)
    {
        if (!_features.Actions.Contains(scheme.Action))
        {
            Unsupported($"the action {scheme.Action}");
        }

        Word(folder + "action", KernelVocabulary.WordOf(KernelVocabulary.Actions, scheme.Action));
        if (_features.HasApplyInterval)
        {
            Number(folder + "apply_interval_us", Microseconds(scheme.ApplyInterval));
        }
        else if (scheme.ApplyInterval > TimeSpan.Zero)
        {
            Unsupported("an apply interval (apply_interval_us)");
        }

        var pattern = scheme.Pattern;
        Range(folder + "access_pattern/sz/", Ceiling(pattern.MinSizeBytes, Unit), pattern.MaxSizeBytes == ulong.MaxValue ? ulong.MaxValue : pattern.MaxSizeBytes / Unit);
        Range(folder + "access_pattern/nr_accesses/", pattern.MinAccesses, pattern.MaxAccesses);
        Range(folder + "access_pattern/age/", pattern.MinAge, pattern.MaxAge);
        Destinations(folder, scheme);
        Quota(folder + "quotas/", scheme.Quota);
        Watermarks(folder + "watermarks/", scheme.Watermarks);
        Filters(folder, scheme.Filters);
        if (_features.HasSnapshotLimit)
        {
            Number(folder + "stats/max_nr_snapshots", scheme.MaxSnapshots);
        }
        else if (scheme.MaxSnapshots > 0)
        {
            Unsupported("a scheme that ends by itself (max_nr_snapshots)");
        }
    }

    private void Destinations(string folder, KernelScheme scheme)
    {
        var destinations = scheme.Action is SchemeAction.MigrateHot or SchemeAction.MigrateCold ? scheme.Destinations.Where(destination => destination.Weight > 0).ToList() : [];
        if (destinations.Count == 0 && scheme.Action is SchemeAction.MigrateHot or SchemeAction.MigrateCold)
        {
            Refused($"{scheme.Action} without a destination that has a weight");
        }

        // Physical addresses are moved to target_nid only (damon_pa_migrate), so the one destination of a scheme stands there for every kind of memory.
        var node = _features.HasTargetNode && destinations is [var only] ? only.Node : -1;
        if (node >= 0)
        {
            destinations.Clear();
        }

        if (destinations.Count > 0 && (!_features.HasDestinations || _context.Operations == KernelOperations.Paddr))
        {
            Unsupported(_features.HasDestinations ? "several destinations for physical addresses" : _features.HasTargetNode ? "several destinations (dests)" : "a destination (target_nid, dests)");
        }

        if (_features.HasTargetNode)
        {
            _files.Add(new KernelFile(folder + "target_nid", node.ToString()));
        }

        if (_features.HasDestinations)
        {
            Count(folder + "dests/nr_dests", destinations.Count);
            for (var i = 0; i < destinations.Count; i++)
            {
                Number($"{folder}dests/{i}/id", (ulong)destinations[i].Node);
                Number($"{folder}dests/{i}/weight", (ulong)destinations[i].Weight);
            }
        }
    }

    private void Quota(string folder, SchemeQuota? quota)
    {
        if (quota?.PerGroupBytes > 0)
        {
            Unsupported("a budget per group of targets");
        }

        Number(folder + "ms", Milliseconds(quota?.Time ?? default));
        Number(folder + "bytes", Ceiling(quota?.SizeBytes ?? 0, Unit));
        Number(folder + "reset_interval_ms", Milliseconds(quota?.Interval ?? default));
        Number(folder + "weights/sz_permil", 0);
        Number(folder + "weights/nr_accesses_permil", (ulong)(quota?.AccessRateWeight ?? 0) * PermilPerPercent);
        Number(folder + "weights/age_permil", (ulong)(quota?.AgeWeight ?? 0) * PermilPerPercent);
        if (_features.HasGoalTuner)
        {
            Word(folder + "goal_tuner", quota?.Tuner == QuotaTuner.Temporal ? "temporal" : "consist");
        }
        else if (quota is { Tuner: QuotaTuner.Temporal, Goals.Count: > 0 })
        {
            Unsupported("the tuner Temporal (goal_tuner)");
        }

        FailedCharge(folder, quota);
        Goals(folder, quota?.Goals ?? []);
    }

    private void FailedCharge(string folder, SchemeQuota? quota)
    {
        var (numerator, denominator) = quota is { FailedChargeDenominator: > 0 } ? (quota.FailedChargeNumerator, quota.FailedChargeDenominator) : (0UL, 0UL);
        if (denominator > 0 && (!_features.HasFailedCharge || denominator > uint.MaxValue || numerator > uint.MaxValue))
        {
            Unsupported(_features.HasFailedCharge ? $"a charge of {numerator}/{denominator}, which does not fit 32 bits" : "charging failures less (fail_charge_num)");
        }

        if (_features.HasFailedCharge)
        {
            Number(folder + "fail_charge_num", numerator);
            Number(folder + "fail_charge_denom", denominator);
        }
    }

    private void Goals(string folder, IReadOnlyList<QuotaGoal> goals)
    {
        if (_features.Goals.Count == 0)
        {
            if (goals.Count > 0)
            {
                Unsupported("goals");
            }

            return;
        }

        Count(folder + "goals/nr_goals", goals.Count);
        for (var i = 0; i < goals.Count; i++)
        {
            var goal = goals[i];
            if (!_features.Goals.Contains(goal.Metric) || (goal.Metric == GoalMetric.NodeEligibleMemory && _context.Operations != KernelOperations.Paddr))
            {
                Unsupported(_features.Goals.Contains(goal.Metric) ? $"the goal {goal.Metric} for virtual addresses" : $"the goal {goal.Metric}");
            }

            if (goal.Target == 0)
            {
                Refused($"the goal {goal.Metric} with a target of 0, which the kernel leaves out");
            }

            var item = $"{folder}goals/{i}/";
            Word(item + "target_metric", KernelVocabulary.WordOf(KernelVocabulary.Goals, goal.Metric));
            Number(item + "target_value", goal.Target);
            if (goal.Metric == GoalMetric.UserInput)
            {
                Number(item + KernelFiles.GoalCurrent, goal.Current ?? 0);
            }

            if (QuotaGoal.IsOfNode(goal.Metric))
            {
                Number(item + "nid", (ulong)Math.Max(0, goal.Node ?? 0));
            }

            if (QuotaGoal.IsOfCgroup(goal.Metric))
            {
                CgroupPath(item + "path", goal.Cgroup ?? "");
            }
        }
    }

    private void Watermarks(string folder, SchemeWatermarks? watermarks)
    {
        var known = watermarks is { Metric: WatermarkMetric.FreeMemory } ? watermarks : null;
        Word(folder + "metric", known is null ? "none" : "free_mem_rate");
        Number(folder + "interval_us", Microseconds(known?.Interval ?? default));
        Number(folder + "high", (ulong)Math.Max(0, known?.High ?? 0));
        Number(folder + "mid", (ulong)Math.Max(0, known?.Mid ?? 0));
        Number(folder + "low", (ulong)Math.Max(0, known?.Low ?? 0));
    }

    private void Filters(string folder, IReadOnlyList<SchemeFilter> filters)
    {
        foreach (var filter in filters)
        {
            if (!_features.Filters.Contains(filter.Type))
            {
                Unsupported($"the filter {filter.Type}");
            }
        }

        if (_features.Filters.Count == 0)
        {
            return;
        }

        // Those of regions are asked first, whatever the order in which they were written down.
        List<SchemeFilter> ofRegions = [.. filters.Where(filter => filter.IsOfRegions)];
        List<SchemeFilter> ofPages = [.. filters.Where(filter => !filter.IsOfRegions)];
        if (_features.HasFilterLayers)
        {
            FilterFolder(folder + "core_filters/", ofRegions);
            FilterFolder(folder + "ops_filters/", ofPages);
            if (_features.HasUnlayeredFilters)
            {
                FilterFolder(folder + "filters/", []);
            }

            return;
        }

        List<SchemeFilter> all = [.. ofRegions, .. ofPages];
        if (all is [.., { Allow: true } last])
        {
            // Kernels without the two folders let memory through that no filter is about, whatever the last filter is (the default by the last filter came with the folders).
            // To let only X through as the last word is the same as to hold back what is not X.
            all[^1] = last with { Matching = !last.Matching, Allow = false };
        }

        if (!_features.HasFilterAllow && all.Find(filter => filter.Allow) is { } earlier)
        {
            Unsupported($"the filter {earlier.Type} that lets memory through and is not the last one asked (allow)");
        }

        FilterFolder(folder + "filters/", all);
    }

    private void FilterFolder(string folder, List<SchemeFilter> filters)
    {
        Count(folder + "nr_filters", filters.Count);
        for (var i = 0; i < filters.Count; i++)
        {
            var filter = filters[i];
            var item = $"{folder}{i}/";
            Word(item + "type", KernelVocabulary.WordOf(KernelVocabulary.Filters, filter.Type));
            Flag(item + "matching", filter.Matching);
            if (_features.HasFilterAllow)
            {
                Flag(item + "allow", filter.Allow);
            }

            switch (filter.Type)
            {
                case SchemeFilterType.Cgroup:
                    CgroupPath(item + KernelFiles.FilterCgroup, filter.CgroupPath);
                    break;
                case SchemeFilterType.Address:
                    Number(item + "addr_start", filter.StartAddress / Unit);
                    Number(item + "addr_end", filter.EndAddress / Unit);
                    break;
                case SchemeFilterType.Target:
                    Number(item + "damon_target_idx", (ulong)Math.Max(0, filter.TargetId));
                    break;
                case SchemeFilterType.HugePageSize:
                    Number(item + "min", filter.MinSizeBytes);
                    Number(item + "max", filter.MaxSizeBytes);
                    break;
                default:
                    break;
            }
        }
    }

    private void CgroupPath(string file, string path)
    {
        if (path.Trim('/').Length == 0 || path.Any(char.IsControl))
        {
            Refused($"the control group '{path}'");
        }

        _files.Add(new KernelFile(file, KernelFiles.CgroupPath(path)));
    }

    private void Range(string folder, ulong min, ulong max)
    {
        Number(folder + "min", min);
        Number(folder + "max", max);
    }

    private void Number(string path, ulong value) => _files.Add(new KernelFile(path, value.ToString()));

    private void Flag(string path, bool value) => _files.Add(new KernelFile(path, value ? Yes : No, KernelFileKind.Flag));

    private void Count(string path, int value) => _files.Add(new KernelFile(path, value.ToString(), KernelFileKind.Count));

    private void Word(string path, string? word) => _files.Add(new KernelFile(path, word ?? ""));

    private void Unsupported(string what) => Fail(KernelOutcomeKind.Unsupported, $"this kernel's DAMON does not have {what}");

    private void Refused(string what) => Fail(KernelOutcomeKind.Refused, $"DAMON does not take {what}");

    /// <summary>The first reason is told: what comes behind it often follows from it.</summary>
    private void Fail(KernelOutcomeKind kind, string message)
    {
        if (_outcome.IsDone)
        {
            _outcome = new KernelOutcome(kind, message);
        }
    }
}

namespace Damon.Testing.KernelDamon;

/// <summary>Reads a context's files the way <c>on</c> and <c>commit</c> do: what is wrong is found here, and only here.</summary>
internal sealed class FakeContextInputs(FakeDamonTree tree)
{
    private const ulong PageBytes = FakeRunningScheme.PageBytes;

    /// <summary>Builds what the files say.</summary>
    public KernelErrno Read(FakeDamonDirectory files, out FakeContext? context)
    {
        var operations = files.Text("operations");
        context = new FakeContext
        {
            Operations = operations,
            SampleMicroseconds = files.Unsigned("monitoring_attrs/intervals/sample_us"),
            AggregationMicroseconds = files.Unsigned("monitoring_attrs/intervals/aggr_us"),
            UpdateMicroseconds = files.Unsigned("monitoring_attrs/intervals/update_us"),
            IsPaused = files.IsSet("pause"),
        };
        if (!tree.Kernel.Operations.Contains(operations) || !AreAttributesValid(files["monitoring_attrs"]))
        {
            return KernelErrno.EINVAL;
        }

        var regionBytes = operations == "paddr" ? Math.Max(PageBytes / Math.Max(files.Unsigned("addr_unit"), 1), 1) : PageBytes;
        if (files["targets"].Count > 1 && !context.HasProcesses)
        {
            return KernelErrno.EINVAL;
        }

        foreach (var target in files["targets"].Numbered)
        {
            if (Target(target, context, regionBytes) is not { } read)
            {
                return KernelErrno.EINVAL;
            }

            context.Targets.Add(read);
        }

        foreach (var scheme in files["schemes"].Numbered)
        {
            // Whatever is wrong with a scheme looks to the caller like a failed allocation.
            if (Scheme(scheme) is not { } read)
            {
                return KernelErrno.ENOMEM;
            }

            context.Schemes.Add(new FakeRunningScheme(read));
        }

        return KernelErrno.None;
    }

    /// <summary>What newer kernels find out when they try the inputs on a copy, before they start or commit.</summary>
    public KernelErrno Try(FakeDamonDirectory files, FakeContext context)
    {
        var regionBytes = context.Operations == "paddr" ? Math.Max(PageBytes / Math.Max(files.Unsigned("addr_unit"), 1), 1) : PageBytes;
        var asksPhysical = context.Schemes.Any(scheme => scheme.Inputs.Goals.Any(goal => goal.Metric == "node_eligible_mem_bp"));
        return tree.Kernel.CommandsReply && (!ulong.IsPow2(regionBytes) || (asksPhysical && context.Operations != "paddr")) ? KernelErrno.EINVAL : KernelErrno.None;
    }

    /// <summary>The goals of a scheme; null where one names a group that is not there.</summary>
    public IReadOnlyList<FakeGoal>? Goals(FakeDamonDirectory scheme)
    {
        var goals = new List<FakeGoal>();
        foreach (var goal in scheme["quotas/goals"].Numbered.Where(goal => goal.Unsigned("target_value") != 0))
        {
            var metric = goal.Text("target_metric");
            if (metric is "node_memcg_used_bp" or "node_memcg_free_bp" && !IsGroup(goal.Text("path")))
            {
                return null;
            }

            goals.Add(new FakeGoal(metric, goal.Unsigned("target_value"), metric == "user_input" ? goal.Unsigned("current_value") : 0));
        }

        return goals;
    }

    private static bool AreAttributesValid(FakeDamonDirectory attributes)
    {
        var sample = attributes.Unsigned("intervals/sample_us");
        var minRegions = attributes.Unsigned("nr_regions/min");
        return minRegions >= 3
            && minRegions <= attributes.Unsigned("nr_regions/max")
            && sample <= attributes.Unsigned("intervals/aggr_us")
            && (attributes.Unsigned("intervals/intervals_goal/aggrs") == 0
                || (attributes.Unsigned("intervals/intervals_goal/min_sample_us") <= sample && sample <= attributes.Unsigned("intervals/intervals_goal/max_sample_us")));
    }

    private FakeRunningTarget? Target(FakeDamonDirectory files, FakeContext context, ulong regionBytes)
    {
        var pid = int.Parse(files.Text("pid_target"));
        if (context.HasProcesses && !tree.Processes.IsAlive(pid))
        {
            return null;
        }

        var ranges = new List<(ulong Start, ulong End)>();
        foreach (var region in files["regions"].Numbered)
        {
            var (start, end) = (region.Unsigned("start"), region.Unsigned("end"));
            var aligned = (Start: start / regionBytes * regionBytes, End: (end + regionBytes - 1) / regionBytes * regionBytes);
            if (aligned.Start >= aligned.End || (!tree.Kernel.CommandsReply && start > end) || (ranges.Count > 0 && ranges[^1].End > aligned.Start))
            {
                return null;
            }

            ranges.Add(aligned);
        }

        return new FakeRunningTarget(pid, ranges, files.IsSet("obsolete_target"));
    }

    private FakeSchemeInputs? Scheme(FakeDamonDirectory files)
    {
        var filters = new List<FakeFilter>();
        string[] layers = tree.Kernel.HasFilterLayers ? ["core_filters", "ops_filters", "filters"] : ["filters"];
        foreach (var filter in layers.SelectMany(layer => files[layer].Numbered))
        {
            var type = filter.Text("type");
            var (start, end) = (filter.Unsigned("addr_start"), filter.Unsigned("addr_end"));
            if ((type == "memcg" && !IsGroup(filter.Text("memcg_path")))
                || (type == "addr" && end < start)
                || (type == "hugepage_size" && filter.Unsigned("min") > filter.Unsigned("max")))
            {
                return null;
            }

            filters.Add(new FakeFilter(
                type, filter.IsSet("matching"), filter.IsSet("allow"), start / PageBytes * PageBytes, end / PageBytes * PageBytes, int.Parse(filter.Text("damon_target_idx")), type == "memcg" ? filter.Text("memcg_path") : ""));
        }

        return Goals(files) is not { } goals ? null : new FakeSchemeInputs(files.Text("action"), files.Unsigned("apply_interval_us"))
        {
            SizeBytes = (files.Unsigned("access_pattern/sz/min"), files.Unsigned("access_pattern/sz/max")),
            Accesses = (Narrow(files, "nr_accesses/min"), Narrow(files, "nr_accesses/max")),
            Age = (Narrow(files, "age/min"), Narrow(files, "age/max")),
            QuotaMilliseconds = files.Unsigned("quotas/ms"),
            QuotaBytes = files.Unsigned("quotas/bytes"),
            QuotaWindowMilliseconds = files.Unsigned("quotas/reset_interval_ms"),
            FailedCharge = tree.Kernel.HasFailedCharge ? (files.Unsigned("quotas/fail_charge_num"), files.Unsigned("quotas/fail_charge_denom")) : default,
            Goals = goals,
            Watermarks = (files.Text("watermarks/metric") != "none", files.Unsigned("watermarks/interval_us"), files.Unsigned("watermarks/high"),
                files.Unsigned("watermarks/mid"), files.Unsigned("watermarks/low")),
            Filters = filters,
            MaxSnapshots = files.Unsigned("stats/max_nr_snapshots"),
        };
    }

    private static uint Narrow(FakeDamonDirectory files, string name) => unchecked((uint)files.Unsigned("access_pattern/" + name));

    private bool IsGroup(string path) => tree.MemoryCgroups.Contains(KernelText.WithoutNewline(path));
}

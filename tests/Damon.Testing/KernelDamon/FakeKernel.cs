namespace Damon.Testing.KernelDamon;

/// <summary>
/// Which files and words a kernel's DAMON has, and which of two generations of its commands. The facts are from the kernels' sources (mm/damon/sysfs.c,
/// sysfs-schemes.c and core.c of Linux 6.12 and 7.3), and the cases of <see cref="DamonTreeCases"/> hold on the kernels themselves.
/// </summary>
public sealed record FakeKernel(string Name)
{
    /// <summary>Debian's 6.12: one folder of filters, no intervals goal, commands through callbacks.</summary>
    public static FakeKernel Debian612 { get; } = new("6.12")
    {
        Actions = ["willneed", "cold", "pageout", "hugepage", "nohugepage", "lru_prio", "lru_deprio", "migrate_hot", "migrate_cold", "stat"],
        PageFilters = ["anon", "memcg", "young"],
        GoalMetrics = ["user_input", "some_mem_psi_us"],
    };

    /// <summary>Debian's 7.3: everything that the product knows of.</summary>
    public static FakeKernel Debian73 { get; } = new("7.3")
    {
        Actions = ["willneed", "cold", "pageout", "hugepage", "nohugepage", "collapse", "lru_prio", "lru_deprio", "migrate_hot", "migrate_cold", "stat"],
        PageFilters = ["anon", "active", "memcg", "young", "hugepage_size", "unmapped"],
        GoalMetrics =
        [
            "user_input", "some_mem_psi_us", "node_mem_used_bp", "node_mem_free_bp", "node_memcg_used_bp", "node_memcg_free_bp", "active_mem_bp", "inactive_mem_bp",
            "node_eligible_mem_bp",
        ],
        HasFilterAllow = true,
        HasFilterLayers = true,
        HasIntervalsGoal = true,
        HasDestinations = true,
        HasSnapshotLimit = true,
        HasObsoleteTarget = true,
        HasPause = true,
        HasGoalTuner = true,
        HasFailedCharge = true,
        HasAddressUnit = true,
        HasRefresh = true,
        HasProbes = true,
        HasFilterPassed = true,
        HasGoalPlaces = true,
        CommandsReply = true,
    };

    /// <summary>The kinds of memory that are compiled in.</summary>
    public IReadOnlyList<string> Operations { get; init; } = ["vaddr", "fvaddr", "paddr"];

    /// <summary>The words of <c>action</c>.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>The words of a filter's <c>type</c> that ask pages.</summary>
    public required IReadOnlyList<string> PageFilters { get; init; }

    /// <summary>The words of a goal's <c>target_metric</c>.</summary>
    public required IReadOnlyList<string> GoalMetrics { get; init; }

    /// <summary>Filters have <c>allow</c>, and a size range.</summary>
    public bool HasFilterAllow { get; init; }

    /// <summary><c>core_filters</c> and <c>ops_filters</c>.</summary>
    public bool HasFilterLayers { get; init; }

    /// <summary><c>intervals_goal</c> and <c>update_tuned_intervals</c>.</summary>
    public bool HasIntervalsGoal { get; init; }

    /// <summary><c>dests</c>.</summary>
    public bool HasDestinations { get; init; }

    /// <summary><c>nr_snapshots</c> and <c>max_nr_snapshots</c>.</summary>
    public bool HasSnapshotLimit { get; init; }

    /// <summary><c>obsolete_target</c>.</summary>
    public bool HasObsoleteTarget { get; init; }

    /// <summary><c>pause</c>.</summary>
    public bool HasPause { get; init; }

    /// <summary><c>goal_tuner</c>.</summary>
    public bool HasGoalTuner { get; init; }

    /// <summary><c>fail_charge_num</c> and <c>fail_charge_denom</c>.</summary>
    public bool HasFailedCharge { get; init; }

    /// <summary><c>addr_unit</c>.</summary>
    public bool HasAddressUnit { get; init; }

    /// <summary><c>refresh_ms</c>.</summary>
    public bool HasRefresh { get; init; }

    /// <summary><c>probes</c>, of a context and of a tried region.</summary>
    public bool HasProbes { get; init; }

    /// <summary><c>sz_ops_filter_passed</c> and <c>sz_filter_passed</c>.</summary>
    public bool HasFilterPassed { get; init; }

    /// <summary>Goals have <c>nid</c> and <c>path</c>.</summary>
    public bool HasGoalPlaces { get; init; }

    /// <summary>
    /// Whether a command reports how it ended (since 6.14). Before that commands leave a request for the kdamond, drop the lock while they wait, and report success whatever
    /// the kdamond finds: a commit of bad inputs ends the kdamond and looks as if it were done.
    /// </summary>
    public bool CommandsReply { get; init; }

    /// <summary>The words of <c>state</c>.</summary>
    public IReadOnlyList<string> Commands =>
    [
        "on", "off", "commit", "commit_schemes_quota_goals", "update_schemes_stats", "update_schemes_tried_bytes", "update_schemes_tried_regions",
        "clear_schemes_tried_regions", "update_schemes_effective_quotas", .. HasIntervalsGoal ? ["update_tuned_intervals"] : Array.Empty<string>(),
    ];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

namespace Damon.Testing.Oracle;

/// <summary>A file of a kdamond that takes a parameter.</summary>
/// <param name="Path">Below the kdamond's folder; a star stands for any number.</param>
/// <param name="Default">What it holds in a new folder.</param>
internal sealed record ParameterFile(string Path, string Default)
{
    private const string Context = "contexts/*/";
    private const string Attributes = Context + "monitoring_attrs/";
    private const string Scheme = Context + "schemes/*/";

    /// <summary>All that Linux 7.3 has.</summary>
    public static ParameterFile[] All { get; } =
    [
        new("refresh_ms", "0"), new("contexts/nr_contexts", "0"),
        new(Context + "operations", "vaddr"), new(Context + "addr_unit", "1"), new(Context + "pause", "N"),
        new(Attributes + "intervals/sample_us", "5000"), new(Attributes + "intervals/aggr_us", "100000"), new(Attributes + "intervals/update_us", "60000000"),
        new(Attributes + "intervals/intervals_goal/access_bp", "0"), new(Attributes + "intervals/intervals_goal/aggrs", "0"),
        new(Attributes + "intervals/intervals_goal/min_sample_us", "0"), new(Attributes + "intervals/intervals_goal/max_sample_us", "0"),
        new(Attributes + "nr_regions/min", "10"), new(Attributes + "nr_regions/max", "1000"), new(Attributes + "probes/nr_probes", "0"),
        new(Context + "targets/nr_targets", "0"), new(Context + "targets/*/pid_target", "0"), new(Context + "targets/*/obsolete_target", "N"),
        new(Context + "targets/*/regions/nr_regions", "0"), new(Context + "targets/*/regions/*/start", "0"), new(Context + "targets/*/regions/*/end", "0"),
        new(Context + "schemes/nr_schemes", "0"), new(Scheme + "action", "stat"), new(Scheme + "target_nid", "-1"), new(Scheme + "apply_interval_us", "0"),
        .. Of("access_pattern/", "0", "sz/min", "sz/max", "nr_accesses/min", "nr_accesses/max", "age/min", "age/max"),
        .. Of("quotas/", "0", "ms", "bytes", "reset_interval_ms", "fail_charge_num", "fail_charge_denom"),
        .. Of("quotas/weights/", "0", "sz_permil", "nr_accesses_permil", "age_permil"),
        .. Of("quotas/", "consist", "goal_tuner"),
        .. Of("quotas/goals/", "0", "nr_goals", "*/target_value", "*/current_value", "*/nid"),
        .. Of("quotas/goals/*/", "user_input", "target_metric"), .. Of("quotas/goals/*/", "", "path"),
        .. Of("watermarks/", "none", "metric"), .. Of("watermarks/", "0", "interval_us", "high", "mid", "low"),
        .. Filters("core_filters/"), .. Filters("ops_filters/"), .. Filters("filters/"),
        .. Of("dests/", "0", "nr_dests", "*/id", "*/weight"),
        .. Of("stats/", "0", "max_nr_snapshots"),
    ];

    private static IEnumerable<ParameterFile> Of(string folder, string value, params string[] names) => names.Select(name => new ParameterFile(Scheme + folder + name, value));

    private static IEnumerable<ParameterFile> Filters(string folder) =>
    [
        .. Of(folder, "0", "nr_filters", "*/addr_start", "*/addr_end", "*/min", "*/max", "*/damon_target_idx"),
        .. Of(folder, "N", "*/matching", "*/allow"), .. Of(folder, "anon", "*/type"), .. Of(folder, "", "*/memcg_path"),
    ];
}

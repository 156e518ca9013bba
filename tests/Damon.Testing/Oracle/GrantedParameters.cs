namespace Damon.Testing.Oracle;

/// <summary>
/// What the files of a scheme hold while the kernel carries it out on a lease, whatever the scheme says: the agent keeps what is taken out of them here, and grants only bytes, for one pass.
/// </summary>
public static class GrantedParameters
{
    private const string Scheme = "contexts/0/schemes/0/";

    private const string OnePass = "a grant is one pass over each target, after which the kernel ends it by itself: nothing goes on without the agent";
    private const string EndlessWindow = "the budget of a grant is never renewed by the kernel: the window is without an end";
    private const string OwnMemory = "regions of physical memory hold pages of everybody: what the filters hold back must not use the budget up";
    private const string NotRanked = "ranked by rate and age, the memory of others would use up what is tried at all: a group that is less cold than they are would never be reached";
    private const string AgentsBudget = "time and goals are the agent's: it turns them into the bytes of each grant";
    private const string AgentsMarks = "watermarks are the agent's: a scheme that the kernel's own keep asleep would wake up after the agent's death";

    /// <summary>Files of a scheme with the value that they have in a grant; null for the aggregation interval.</summary>
    public static IReadOnlyList<(string File, string? Value, string Reason)> Fixed { get; } =
    [
        ("apply_interval_us", null, OnePass), ("quotas/reset_interval_ms", "4294967295", EndlessWindow),
        ("quotas/ms", "0", AgentsBudget), ("quotas/goal_tuner", "consist", AgentsBudget), ("quotas/goals/nr_goals", "0", AgentsBudget),
        ("quotas/fail_charge_num", "1", OwnMemory), ("quotas/fail_charge_denom", "256", OwnMemory),
        ("watermarks/metric", "none", AgentsMarks), ("watermarks/interval_us", "0", AgentsMarks),
        ("watermarks/high", "0", AgentsMarks), ("watermarks/mid", "0", AgentsMarks), ("watermarks/low", "0", AgentsMarks),
    ];

    /// <summary>Those in a grant over physical memory only.</summary>
    public static IReadOnlyList<(string File, string Value, string Reason)> FixedOfNode { get; } =
        [("quotas/weights/nr_accesses_permil", "0", NotRanked), ("quotas/weights/age_permil", "0", NotRanked)];

    /// <summary>What damo's parameters become where the agent grants them.</summary>
    /// <param name="damos">damo's.</param>
    /// <param name="bytes">The bytes of the grant.</param>
    /// <param name="targets">Targets of the context.</param>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyDictionary<string, string> damos, ulong bytes, int targets)
    {
        var granted = damos.Where(file => !file.Key.StartsWith($"{Scheme}quotas/goals/", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        foreach (var (file, value, _) in Fixed)
        {
            granted[Scheme + file] = value ?? damos["contexts/0/monitoring_attrs/intervals/aggr_us"];
        }

        foreach (var (file, value, _) in damos["contexts/0/operations"] == "paddr" ? FixedOfNode : [])
        {
            granted[Scheme + file] = value;
        }

        granted[$"{Scheme}quotas/bytes"] = $"{bytes}";
        granted[$"{Scheme}stats/max_nr_snapshots"] = $"{targets}";
        return granted;
    }
}

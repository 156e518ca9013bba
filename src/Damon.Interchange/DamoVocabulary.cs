using Damon.Api.Schemes;

namespace Damon.Interchange;

/// <summary>The words that both sides have, each with its counterpart.</summary>
internal static class DamoVocabulary
{
    public static readonly (string Damo, ActionType Ours)[] Actions =
    [
        ("stat", ActionType.Stat), ("willneed", ActionType.WillNeed), ("cold", ActionType.Cold), ("pageout", ActionType.Pageout), ("hugepage", ActionType.HugePage),
        ("nohugepage", ActionType.NoHugePage), ("collapse", ActionType.Collapse), ("lru_prio", ActionType.LruPrio), ("lru_deprio", ActionType.LruDeprio),
        ("migrate_hot", ActionType.MigrateHot), ("migrate_cold", ActionType.MigrateCold),
    ];

    public static readonly (string Damo, GoalMetric Ours)[] Goals =
    [
        ("user_input", GoalMetric.UserInput), ("some_mem_psi_us", GoalMetric.SomeMemoryPressure), ("node_mem_used_bp", GoalMetric.NodeMemoryUsed),
        ("node_mem_free_bp", GoalMetric.NodeMemoryFree), ("node_memcg_used_bp", GoalMetric.NodeCgroupUsed), ("node_memcg_free_bp", GoalMetric.NodeCgroupFree),
        ("active_mem_bp", GoalMetric.ActiveMemory), ("inactive_mem_bp", GoalMetric.InactiveMemory), ("node_eligible_mem_bp", GoalMetric.NodeEligibleMemory),
    ];

    public static readonly (string Damo, FilterType Ours)[] Filters =
    [
        ("anon", FilterType.Anonymous), ("active", FilterType.Active), ("young", FilterType.Young), ("hugepage_size", FilterType.HugePageSize), ("unmapped", FilterType.Unmapped),
    ];

    public static T? OursOf<T>((string Damo, T Ours)[] table, string damo)
        where T : struct => Array.FindIndex(table, row => row.Damo == damo) is >= 0 and var index ? table[index].Ours : null;

    public static string? DamoOf<T>((string Damo, T Ours)[] table, T ours)
        where T : struct => Array.Find(table, row => EqualityComparer<T>.Default.Equals(row.Ours, ours)).Damo;

    public static bool NeedsNode(GoalMetric metric) => metric is GoalMetric.NodeMemoryUsed or GoalMetric.NodeMemoryFree or GoalMetric.NodeCgroupUsed
        or GoalMetric.NodeCgroupFree or GoalMetric.NodeEligibleMemory;
}

using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>The kernel's words.</summary>
internal static class KernelVocabulary
{
    public static readonly (string Word, KernelOperations Ours)[] Operations = [("vaddr", KernelOperations.Vaddr), ("fvaddr", KernelOperations.Fvaddr), ("paddr", KernelOperations.Paddr)];

    public static readonly (string Word, SchemeAction Ours)[] Actions =
    [
        ("stat", SchemeAction.Stat), ("pageout", SchemeAction.Pageout), ("cold", SchemeAction.Cold), ("willneed", SchemeAction.WillNeed), ("collapse", SchemeAction.Collapse),
        ("hugepage", SchemeAction.HugePage), ("nohugepage", SchemeAction.NoHugePage), ("lru_prio", SchemeAction.LruPrio), ("lru_deprio", SchemeAction.LruDeprio),
        ("migrate_hot", SchemeAction.MigrateHot), ("migrate_cold", SchemeAction.MigrateCold),
    ];

    public static readonly (string Word, SchemeFilterType Ours)[] Filters =
    [
        ("anon", SchemeFilterType.Anonymous), ("active", SchemeFilterType.Active), ("young", SchemeFilterType.Young), ("hugepage_size", SchemeFilterType.HugePageSize),
        ("unmapped", SchemeFilterType.Unmapped), ("memcg", SchemeFilterType.Cgroup), ("addr", SchemeFilterType.Address), ("target", SchemeFilterType.Target),
    ];

    public static readonly (string Word, GoalMetric Ours)[] Goals =
    [
        ("user_input", GoalMetric.UserInput), ("some_mem_psi_us", GoalMetric.SomeMemoryPressure), ("node_mem_used_bp", GoalMetric.NodeMemoryUsed),
        ("node_mem_free_bp", GoalMetric.NodeMemoryFree), ("node_memcg_used_bp", GoalMetric.NodeCgroupUsed), ("node_memcg_free_bp", GoalMetric.NodeCgroupFree),
        ("active_mem_bp", GoalMetric.ActiveMemory), ("inactive_mem_bp", GoalMetric.InactiveMemory), ("node_eligible_mem_bp", GoalMetric.NodeEligibleMemory),
    ];

    /// <summary>The kernel's word; null where it has none.</summary>
    public static string? WordOf<T>((string Word, T Ours)[] table, T ours)
        where T : struct, Enum => Array.Find(table, row => EqualityComparer<T>.Default.Equals(row.Ours, ours)).Word;
}

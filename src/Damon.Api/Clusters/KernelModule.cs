namespace Damon.Api.Clusters;

/// <summary>A module of the kernel that uses its DAMON by itself and keeps others from it while it runs.</summary>
public enum KernelModule
{
    /// <summary>damon_stat: measures the machine's access.</summary>
    Stat,

    /// <summary>damon_reclaim: pages cold memory of the whole machine out.</summary>
    Reclaim,

    /// <summary>damon_lru_sort: orders the page lists by heat.</summary>
    LruSort,
}

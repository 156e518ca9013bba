namespace Damon.Engine.Machine;

/// <summary>A module of the kernel that uses DAMON by itself. It starts only where nobody else runs a kdamond, and while it runs nobody else can.</summary>
public enum DamonModule
{
    /// <summary>damon_stat: measures the machine's access; on by default in some distributions' kernels from 7.0.</summary>
    Stat,

    /// <summary>damon_reclaim: pages cold memory of the whole machine out.</summary>
    Reclaim,

    /// <summary>damon_lru_sort: orders the page lists by heat.</summary>
    LruSort,
}

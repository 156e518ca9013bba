namespace Damon.Engine.Machine;

/// <summary>Who uses the kernel's DAMON now.</summary>
public enum DamonOwner
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>Somebody through sysfs who is not provably this product. A kdamond that is configured and off is somebody's too.</summary>
    Sysfs,

    /// <summary>The module damon_stat.</summary>
    ModuleStat,

    /// <summary>The module damon_reclaim.</summary>
    ModuleReclaim,

    /// <summary>The module damon_lru_sort.</summary>
    ModuleLruSort,

    /// <summary>This process.</summary>
    ThisProcess,

    /// <summary>An agent of this product that runs.</summary>
    OwnAgent,

    /// <summary>An agent of this product that has ended without giving it back: the next one cleans up.</summary>
    Predecessor,
}

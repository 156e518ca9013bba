namespace Damon.Engine.Machine;

/// <summary>Who uses the kernel's DAMON now.</summary>
public enum DamonOwner
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>Somebody through sysfs; whether it is this product's own agent is for the keeper of the owner record to say.</summary>
    Sysfs,

    /// <summary>The module damon_stat.</summary>
    ModuleStat,

    /// <summary>The module damon_reclaim.</summary>
    ModuleReclaim,

    /// <summary>The module damon_lru_sort.</summary>
    ModuleLruSort,
}

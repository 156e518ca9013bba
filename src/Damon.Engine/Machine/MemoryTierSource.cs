namespace Damon.Engine.Machine;

/// <summary>How it is known which memory is fast. The names are part of the API.</summary>
public enum MemoryTierSource
{
    /// <summary>It is not known.</summary>
    None,

    /// <summary>The kernel sorts its nodes into tiers.</summary>
    KernelTiers,

    /// <summary>The kernel has no tiers: nodes without processors count as slow.</summary>
    Processors,
}

namespace Damon.Api.Schemes;

/// <summary>A class of memory nodes by speed.</summary>
public enum MemoryTier
{
    /// <summary>The nodes with processors, as a rule.</summary>
    Fast,

    /// <summary>Memory behind another link, as CXL memory is.</summary>
    Slow,
}

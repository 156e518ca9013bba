namespace Damon.Engine.Monitoring;

/// <summary>What one observation of a probe speaks about.</summary>
public enum ProbeGranularity
{
    /// <summary>The page at the sampled address; regions are learned by splitting and merging.</summary>
    Page,

    /// <summary>A whole mapping; regions are the mappings and are neither split nor merged.</summary>
    Mapping,
}

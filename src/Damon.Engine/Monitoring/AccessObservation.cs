namespace Damon.Engine.Monitoring;

/// <summary>What a probe saw of one region in one sample interval.</summary>
public enum AccessObservation : byte
{
    /// <summary>Nothing of what was looked at had been accessed, or it is not in memory.</summary>
    NotAccessed = 0,

    /// <summary>What was looked at had been accessed.</summary>
    Accessed = 1,

    /// <summary>Only for <see cref="ProbeGranularity.Mapping"/>: some of the mapping's resident pages had been accessed, others not. Never counts as cold.</summary>
    PartlyAccessed = 2,
}

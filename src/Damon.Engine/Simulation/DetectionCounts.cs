namespace Damon.Engine.Simulation;

/// <summary>Bytes found against bytes true, summed over windows.</summary>
public sealed class DetectionCounts
{
    /// <summary>Bytes that truly are so.</summary>
    public UInt128 TrueBytes { get; internal set; }

    /// <summary>Bytes that were found to be so.</summary>
    public UInt128 FoundBytes { get; internal set; }

    /// <summary>Bytes that were found and are.</summary>
    public UInt128 FoundTrueBytes { get; internal set; }

    /// <summary>Which share of what was found is true, from 0 to 1; null where nothing was found.</summary>
    public double? Precision => FoundBytes == 0 ? null : (double)FoundTrueBytes / (double)FoundBytes;

    /// <summary>Which share of what is true was found, from 0 to 1; null where nothing is.</summary>
    public double? Recall => TrueBytes == 0 ? null : (double)FoundTrueBytes / (double)TrueBytes;
}

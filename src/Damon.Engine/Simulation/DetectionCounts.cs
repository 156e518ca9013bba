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

    /// <summary>Which share of what was found is true, from 0 to 1. Where nothing was found: 1 if nothing is, else 0.</summary>
    public double Precision => FoundBytes == 0 ? (TrueBytes == 0 ? 1 : 0) : (double)FoundTrueBytes / (double)FoundBytes;

    /// <summary>Which share of what is true was found, from 0 to 1; 1 where nothing is.</summary>
    public double Recall => TrueBytes == 0 ? 1 : (double)FoundTrueBytes / (double)TrueBytes;
}

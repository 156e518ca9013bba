using Damon.Engine.Regions;

namespace Damon.Engine.Recordings;

/// <summary>Regions learn nothing here: at the end of an aggregation they are what they were found to be when it was recorded.</summary>
/// <param name="replay">Knows which recorded regions belong to which table.</param>
internal sealed class RecordedRegionPolicy(RecordingReplay replay) : IRegionPolicy
{
    public void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses) => replay.LayOutFound();

    public void Split(IReadOnlyList<RegionTable> tables)
    {
        // The next snapshot brings its own.
    }

    public void Fit(IReadOnlyList<RegionTable> tables)
    {
        // The limits held when it was recorded.
    }

    /// <inheritdoc/>
    public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
    {
        // The regions are those of the recording, as many as they are.
    }
}

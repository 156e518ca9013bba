using Damon.Engine.Monitoring;

namespace Damon.Engine.Recordings;

/// <summary>One target of a recorded snapshot.</summary>
/// <param name="Id">Its number, not negative; a process id, for one.</param>
/// <param name="Name">For people; at most 255 bytes in UTF-8 are kept.</param>
/// <param name="Regions">Ascending, without overlaps.</param>
public sealed record RecordedTarget(int Id, string Name, ReadOnlyMemory<RecordedRegion> Regions)
{
    /// <summary>Whether this is another target than that of the same number in the snapshot before, or there was none.</summary>
    public bool IsNew { get; init; }

    /// <summary>Whether regions are pages that are learned about, or whole mappings.</summary>
    public ProbeGranularity Granularity { get; init; }

    /// <summary>In how many sample intervals of the aggregation it was not looked at.</summary>
    public uint MissedSamples { get; init; }

    /// <summary>Bytes covered by its regions.</summary>
    public ulong TotalBytes
    {
        get
        {
            ulong total = 0;
            foreach (var region in Regions.Span)
            {
                total += region.SizeBytes;
            }

            return total;
        }
    }
}

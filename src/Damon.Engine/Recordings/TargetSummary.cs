namespace Damon.Engine.Recordings;

/// <summary>What a recording says about one target.</summary>
public sealed class TargetSummary
{
    private readonly List<ulong> _workingSets = [];

    internal TargetSummary(int id, string name)
    {
        Id = id;
        Name = name;
    }

    /// <summary>Its number.</summary>
    public int Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Snapshots that have it.</summary>
    public ulong Snapshots { get; private set; }

    /// <summary>Most regions in a snapshot.</summary>
    public int MostRegions { get; private set; }

    /// <summary>Most bytes in a snapshot.</summary>
    public ulong MostBytes { get; private set; }

    /// <summary>The working set, bytes of regions with any access, that so many percent of the snapshots do not exceed.</summary>
    /// <param name="percent">From 0 (the smallest) to 100 (the largest).</param>
    public ulong WorkingSetPercentile(int percent) => Percentile(_workingSets, percent);

    internal static ulong Percentile(List<ulong> values, int percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        if (values.Count == 0)
        {
            return 0;
        }

        // The nearest rank: always a value that was there.
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted[Math.Max(0, (int)(((long)sorted.Length * percent) + 99) / 100 - 1)];
    }

    /// <returns>The working set of this snapshot.</returns>
    internal ulong Add(RecordedTarget target)
    {
        ulong workingSet = 0;
        foreach (var region in target.Regions.Span)
        {
            workingSet += region.Accesses > 0 ? region.SizeBytes : 0;
        }

        Snapshots++;
        MostRegions = Math.Max(MostRegions, target.Regions.Length);
        MostBytes = Math.Max(MostBytes, target.TotalBytes);
        _workingSets.Add(workingSet);
        return workingSet;
    }
}

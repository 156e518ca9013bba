using Damon.Operator.Json;

namespace Damon.Operator.Nodes;

/// <summary>What is kept of a DamonNode. Texts that repeat, entries, specs and capabilities are shared with the other nodes.</summary>
public sealed class DamonNodeRecord
{
    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>The object's uid.</summary>
    public required string Uid { get; init; }

    /// <summary>The plan's generation.</summary>
    public required long Generation { get; init; }

    /// <summary>The uid of the Node that owns it; empty where none does.</summary>
    public string OwnerUid { get; init; } = "";

    /// <summary>The plan's schemes that can be read.</summary>
    public IReadOnlyList<PlannedEntry> Entries { get; init; } = [];

    /// <summary>Of the plan; the default where it holds what nobody of us wrote.</summary>
    public Digest PlanDigest { get; init; }

    /// <summary>When the plan was written; null where nobody says.</summary>
    public DateTimeOffset? PlannedAt { get; init; }

    /// <summary>By scheme, how often rails had tripped before the node was admitted; absent is none.</summary>
    public IReadOnlyDictionary<string, long> TripsBefore { get; init; } = PlanNote.NoTrips;

    /// <summary>The generation that the agent has taken up; 0 before the first.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>What the node cannot do.</summary>
    public NodeCapabilities Capabilities { get; init; } = NodeCapabilities.Unknown;

    /// <summary>What the agent says of each scheme.</summary>
    public NodeSchemeRecord[] Statuses { get; init; } = [];

    /// <summary>Whether the agent has taken up the plan.</summary>
    public bool IsEchoed => ObservedGeneration >= Generation;

    /// <summary>The entry of a scheme; null where there is none.</summary>
    public PlannedEntry? Entry(string schemeUid)
    {
        foreach (var entry in Entries)
        {
            if (entry.Uid == schemeUid)
                return entry;
        }

        return null;
    }

    /// <summary>What the agent says of a scheme; null where nothing.</summary>
    public NodeSchemeRecord? Status(string scheme)
    {
        foreach (ref readonly var status in Statuses.AsSpan())
        {
            if (status.Name == scheme)
                return status;
        }

        return null;
    }
}

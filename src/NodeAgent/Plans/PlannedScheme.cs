using Damon.Api.Schemes;

namespace Damon.NodeAgent.Plans;

/// <summary>A scheme of a node's plan, ready to be carried out or with the reason why not.</summary>
internal sealed record PlannedScheme
{
    /// <summary>The scheme's name, a DNS subdomain.</summary>
    public required string Name { get; init; }

    /// <summary>Which scheme of that name.</summary>
    public required string Uid { get; init; }

    /// <summary>The scheme's generation.</summary>
    public required long Generation { get; init; }

    /// <summary>The operator's name for this version; echoed, never recomputed.</summary>
    public required string Hash { get; init; }

    /// <summary>Its place: 1 wins over 2.</summary>
    public required int Rank { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The scheme; null where it is left alone.</summary>
    public DamonScheme? Scheme { get; init; }

    /// <summary>Why it is left alone; empty where it is not.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The same for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>The order of rank: the operator's, and by its own rules (priority, age, uid) where two are given the same place.</summary>
    public static Comparison<PlannedScheme> ByRank { get; } = (left, right) =>
    {
        var order = left.Rank.CompareTo(right.Rank);
        order = order != 0 ? order : (right.Scheme?.Spec.Priority ?? 0).CompareTo(left.Scheme?.Spec.Priority ?? 0);
        order = order != 0 ? order : left.CreatedAt.CompareTo(right.CreatedAt);
        order = order != 0 ? order : string.CompareOrdinal(left.Uid, right.Uid);
        return order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
    };
}

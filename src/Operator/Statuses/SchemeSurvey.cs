using Damon.Operator.Rollouts;

namespace Damon.Operator.Statuses;

/// <summary>What one look at all nodes says about a scheme.</summary>
internal sealed record SchemeSurvey
{
    /// <summary>How many nodes are in which state.</summary>
    public required NodeCounts Counts { get; init; }

    /// <summary>How they stand towards the version that is rolled out.</summary>
    public required RolloutSurvey Rollout { get; init; }

    /// <summary>Sums of effects, exact.</summary>
    public required EffectSums Effect { get; init; }

    /// <summary>At most ten.</summary>
    public required IReadOnlyList<SchemeFailure> Failures { get; init; }

    /// <summary>Whether there are more.</summary>
    public required bool FailuresTruncated { get; init; }

    /// <summary>Containers that are left to others, on all nodes.</summary>
    public required long ConflictContainers { get; init; }

    /// <summary>Nodes with such containers.</summary>
    public required int ConflictNodes { get; init; }

    /// <summary>The scheme that has most of them; empty where none is named.</summary>
    public required string ConflictWinner { get; init; }

    /// <summary>Nodes on which a rail holds the scheme now.</summary>
    public required int RailsHold { get; init; }

    /// <summary>The nodes that could be admitted next, in no order.</summary>
    public required IReadOnlyList<AdmissionCandidate> Candidates { get; init; }

    /// <summary>When time alone may change this; null where never.</summary>
    public required DateTimeOffset? ChangesAt { get; init; }
}

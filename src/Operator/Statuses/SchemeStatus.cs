using Damon.Api.Nodes;
using Damon.Operator.Rollouts;

namespace Damon.Operator.Statuses;

/// <summary>What became of a scheme.</summary>
public sealed record SchemeStatus
{
    /// <summary>Nothing is known.</summary>
    public static SchemeStatus None { get; } = new();

    /// <summary>The generation that it is about; 0 where there is none.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>What nodes echo when they have the scheme as it stands now; empty where it is not accepted.</summary>
    public string Hash { get; init; } = "";

    /// <summary>The nodes.</summary>
    public NodeCounts Nodes { get; init; }

    /// <summary>What it does to memory; null before anything was heard.</summary>
    public EffectSums? Effect { get; init; }

    /// <summary>The rollout; null where the scheme was never accepted.</summary>
    public RolloutState? Rollout { get; init; }

    /// <summary>At most ten.</summary>
    public IReadOnlyList<SchemeFailure> Failures { get; init; } = [];

    /// <summary>Whether there are more.</summary>
    public bool FailuresTruncated { get; init; }

    /// <summary>Each type once.</summary>
    public IReadOnlyList<ObjectCondition> Conditions { get; init; } = [];

    /// <summary>A condition; null where there is none of that type.</summary>
    public ObjectCondition? Condition(string type) => Conditions.FirstOrDefault(condition => condition.Type == type);
}

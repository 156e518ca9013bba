using Damon.Api.Schemes;

namespace Damon.Operator.Rollouts;

/// <summary>What is to be rolled out, and how.</summary>
public sealed record RolloutTarget
{
    /// <summary>The version and whether it acts, not paused.</summary>
    public required string Hash { get; init; }

    /// <summary>Whether it acts. What does not is everywhere at once.</summary>
    public required bool Acts { get; init; }

    /// <summary>Whether something keeps it from acting: a pause, the cluster's configuration, a definition that is too old. Nobody is admitted then, and no time of watching counts.</summary>
    public bool IsHeld { get; init; }

    /// <summary>How.</summary>
    public required RolloutSpec Spec { get; init; }

    /// <summary>The resume request as it stands; empty where there is none.</summary>
    public string ResumeRequest { get; init; } = "";

    /// <summary>The version that acted before, where it is known and was done; null where there is none.</summary>
    public FormerVersion? Former { get; init; }
}

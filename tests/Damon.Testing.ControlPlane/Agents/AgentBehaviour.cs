using Damon.Api.Nodes;

namespace Damon.Testing.ControlPlane.Agents;

/// <summary>How a simulated agent behaves. As it stands: one that does what it is told.</summary>
public sealed record AgentBehaviour
{
    /// <summary>Writes nothing at all, as an agent that hangs or is cut off.</summary>
    public bool IsSilent { get; init; }

    /// <summary>The state and the reason of a scheme, in place of what its plan says; null for that. Given the scheme's name.</summary>
    public Func<string, (NodeSchemeState State, string Reason)?> StateOf { get; init; } = static _ => null;

    /// <summary>How many containers a scheme finds. Given the scheme's name.</summary>
    public Func<string, int> TargetsOf { get; init; } = static _ => 3;

    /// <summary>How often rails began to hold. Given the scheme's name.</summary>
    public Func<string, long> TripsOf { get; init; } = static _ => 0;

    /// <summary>Containers left to another scheme, or null. Given the scheme's name.</summary>
    public Func<string, SchemeConflicts?> ConflictsOf { get; init; } = static _ => null;

    /// <summary>Whether the agent as a whole says that it is degraded.</summary>
    public bool IsDegraded { get; init; }

    /// <summary>What the node lacks, as <c>action/Collapse</c>, with the reason; what is not named is there.</summary>
    public IReadOnlyDictionary<string, string> Lacks { get; init; } = new Dictionary<string, string>();

    /// <summary>The agent's version.</summary>
    public string Version { get; init; } = "0.1.0";
}

using Damon.Api.Clusters;
using Damon.Api.Manifests;

namespace Damon.Api.Nodes;

/// <summary>A node's plan.</summary>
public sealed record DamonNodeSpec
{
    /// <summary>How far any scheme may go on this node; <see cref="ClusterMode.Off"/> where the name that stands there is not known.</summary>
    public required ClusterMode Mode { get; init; }

    /// <summary>How long the agent waits until it tells that it has taken up a change of this plan, in seconds; 0 to <see cref="DamonNodeReader.MaxEchoAfterSeconds"/>.</summary>
    public int EchoAfterSeconds { get; init; }

    /// <summary>The schemes, as the operator listed them; at most 16.</summary>
    public required IReadOnlyList<NodeScheme> Schemes { get; init; }

    /// <summary>What the plan says beside its schemes that is not known here, and may change the meaning of every one of them; empty where nothing is.</summary>
    public IReadOnlyList<ManifestError> Unknown { get; init; } = [];
}

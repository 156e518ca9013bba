using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Nodes;
using Damon.Api.Schemes;

namespace Damon.NodeAgent.Plans;

/// <summary>What a node is to do.</summary>
internal sealed record NodePlan
{
    /// <summary>Nothing has been heard yet, neither from the API server nor from the disk.</summary>
    public static NodePlan NotYetKnown { get; } = new() { IsKnown = false };

    /// <summary>There is no plan for this node: what was done is undone.</summary>
    public static NodePlan Empty { get; } = new();

    /// <summary>Whether it comes from the API server or the disk.</summary>
    public bool IsKnown { get; init; } = true;

    /// <summary>The object's uid; empty where it is not known.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The plan's generation; 0 where there is no object.</summary>
    public long Generation { get; init; }

    /// <summary>How far any scheme may go on this node.</summary>
    public ClusterMode Mode { get; init; } = ClusterMode.Observe;

    /// <summary>How long the operator wants the echo of this plan to wait, as other nodes' plans are still being written.</summary>
    public TimeSpan EchoAfter { get; init; }

    /// <summary>The schemes, best rank first.</summary>
    public IReadOnlyList<PlannedScheme> Schemes { get; init; } = [];

    /// <summary>Makes the plan out of what was read. What is wrong with one scheme, or not known here, leaves that scheme alone and the others as they are.</summary>
    /// <param name="node">The object.</param>
    public static NodePlan From(DamonNode node)
    {
        var schemes = node.Spec.Schemes.Select(scheme => Plan(scheme, node.Spec.Unknown)).ToList();
        schemes.Sort(PlannedScheme.ByRank);
        return new() { Uid = node.Uid, Generation = node.Generation, Mode = node.Spec.Mode, EchoAfter = TimeSpan.FromSeconds(node.Spec.EchoAfterSeconds), Schemes = schemes };
    }

    private static PlannedScheme Plan(NodeScheme scheme, IReadOnlyList<ManifestError> unknownToAll)
    {
        var planned = new PlannedScheme
        {
            Name = scheme.Name,
            Uid = scheme.Uid,
            Generation = scheme.Generation,
            Hash = scheme.Hash,
            Rank = scheme.Rank,
            CreatedAt = scheme.CreatedAt,
        };

        // What is unknown decides over what is wrong: a newer version may have other bounds, too.
        var errors = scheme.Errors;
        var unknown = unknownToAll.Concat(errors).FirstOrDefault(error => error.Kind != ManifestErrorKind.Invalid);
        if (unknown is not null)
        {
            return planned with { Reason = PlanReasons.AgentTooOld, Message = Text(unknown) };
        }

        return errors.Count > 0 || scheme.Spec is null
            ? planned with { Reason = PlanReasons.InvalidScheme, Message = errors.Count > 0 ? Text(errors[0]) : "" }
            : planned with { Scheme = new DamonScheme { Name = scheme.Name, Spec = scheme.Spec } };
    }

    private static string Text(ManifestError error) => $"{error.FieldPath}: {error.Message}";
}

using Damon.Api.Manifests;
using Damon.Api.Schemes;

namespace Damon.Api.Nodes;

/// <summary>A scheme of a node's plan.</summary>
public sealed record NodeScheme
{
    /// <summary>The scheme's name.</summary>
    public required string Name { get; init; }

    /// <summary>The scheme's uid: one that was deleted and made again is another.</summary>
    public required string Uid { get; init; }

    /// <summary>The scheme's generation.</summary>
    public required long Generation { get; init; }

    /// <summary>The operator's name for this version of the scheme; it is echoed, never recomputed.</summary>
    public required string Hash { get; init; }

    /// <summary>Place among the schemes of this node by priority, age and name: 1 wins over 2.</summary>
    public required int Rank { get; init; }

    /// <summary>When the scheme was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The resolved scheme; null exactly where there are errors.</summary>
    public DamonSchemeSpec? Spec { get; init; }

    /// <summary>What is wrong with this scheme, or not known here.</summary>
    public IReadOnlyList<ManifestError> Errors { get; init; } = [];
}

namespace Damon.Api.Manifests;

/// <summary>A list of values.</summary>
public sealed class ManifestSequence : ManifestNode
{
    /// <summary>Makes a list.</summary>
    /// <param name="at">Where it starts.</param>
    /// <param name="items">The values.</param>
    public ManifestSequence(ManifestLocation at, IReadOnlyList<ManifestNode> items)
        : base(at) => Items = items;

    /// <summary>The values.</summary>
    public IReadOnlyList<ManifestNode> Items { get; }

    internal override string Description => "a list";
}

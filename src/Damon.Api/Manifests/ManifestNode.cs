namespace Damon.Api.Manifests;

/// <summary>A value of a manifest, as it was written and where. Nodes do not change.</summary>
public abstract class ManifestNode
{
    private protected ManifestNode(ManifestLocation at) => At = at;

    /// <summary>Where the value starts.</summary>
    public ManifestLocation At { get; }

    /// <summary>The kind of value, for a message: "a mapping", "the number 5".</summary>
    internal abstract string Description { get; }
}

using System.Collections.Immutable;

namespace Damon.Api.Schemes;

/// <summary>A scheme of an admin: which pods, which access pattern, what to do with memory that matches. Kind DamonScheme of damon.dev/v1alpha1.</summary>
public sealed record DamonScheme
{
    /// <summary>The object's name, a DNS subdomain.</summary>
    public required string Name { get; init; }

    /// <summary>The object's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What is wanted.</summary>
    public required DamonSchemeSpec Spec { get; init; }
}

namespace Damon.Api.Schemes;

/// <summary>Whose memory a scheme is for.</summary>
public sealed record TargetSpec
{
    /// <summary>Pods or the whole node.</summary>
    public TargetKind Kind { get; init; } = DamonSchemeDefaults.TargetKind;

    /// <summary>The pods' namespaces; null is not given, an empty selector is every namespace.</summary>
    public LabelSelector? NamespaceSelector { get; init; }

    /// <summary>The pods; null is not given, an empty selector is every pod.</summary>
    public LabelSelector? PodSelector { get; init; }

    /// <summary>The pods' classes. Guaranteed pods are only ever observed.</summary>
    public IReadOnlyList<QosClass> QosClasses { get; init; } = DamonSchemeDefaults.QosClasses;

    /// <summary>The containers' names, at most 16; empty is all.</summary>
    public IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>Says that a scheme which enforces and selects every pod is meant to.</summary>
    public bool All { get; init; }
}

namespace Damon.NodeAgent.Metrics;

/// <summary>A pod as people name it. Not an identity: another pod may bear the name later.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct PodName(string Namespace, string Name) : IComparable<PodName>
{
    /// <inheritdoc/>
    public int CompareTo(PodName other) =>
        string.CompareOrdinal(Namespace, other.Namespace) is var byNamespace and not 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}

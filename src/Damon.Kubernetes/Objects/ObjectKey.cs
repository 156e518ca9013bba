namespace Damon.Kubernetes.Objects;

/// <summary>An object's place within its kind. Not an identity: an object that was deleted and made again has the same key and another uid.</summary>
/// <param name="Namespace">Empty for kinds without one.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <summary>The key of an object of a kind without namespaces.</summary>
    public ObjectKey(string name)
        : this("", name)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}

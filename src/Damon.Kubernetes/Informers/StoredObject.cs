using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Informers;

/// <summary>An object as it was last seen. Never changed in place.</summary>
/// <typeparam name="T">What of it is kept.</typeparam>
/// <param name="Header">Its key, identity and version.</param>
/// <param name="Value">What was decoded of it.</param>
public sealed record StoredObject<T>(ObjectHeader Header, T Value)
{
    /// <summary>Its key.</summary>
    public ObjectKey Key => Header.Key;
}

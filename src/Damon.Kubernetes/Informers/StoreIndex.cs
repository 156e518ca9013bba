namespace Damon.Kubernetes.Informers;

/// <summary>Finds objects by something other than their key, without looking at all of them.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
/// <param name="Name">Asked for by this name.</param>
/// <param name="Values">Under which values an object is found; none is allowed. Depends on the object alone.</param>
public sealed record StoreIndex<T>(string Name, Func<StoredObject<T>, IEnumerable<string>> Values);

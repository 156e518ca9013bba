namespace Damon.Kubernetes.Objects;

/// <summary>
/// Makes a value of an object's JSON. Objects within lists may lack <c>kind</c> and <c>apiVersion</c>. What throws costs only that object: the informer keeps its last good value and names it.
/// </summary>
/// <typeparam name="T">As little of the object as is needed: it is what stays in memory.</typeparam>
/// <param name="utf8Json">The whole object; valid during the call alone.</param>
public delegate T ObjectDecoder<out T>(ReadOnlySpan<byte> utf8Json);

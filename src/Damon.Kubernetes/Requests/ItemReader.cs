namespace Damon.Kubernetes.Requests;

/// <summary>Takes one object of a list.</summary>
/// <param name="utf8Json">The object; valid during the call alone.</param>
public delegate void ItemReader(ReadOnlySpan<byte> utf8Json);

namespace Damon.Kubernetes.Tests.Conformance;

/// <summary>A law about an API server that the library builds on, or about the library on a server.</summary>
/// <param name="Name">What holds.</param>
/// <param name="Body">Throws where it does not.</param>
/// <param name="NeedsBuiltInKinds">Whether it is about more than custom resources.</param>
internal sealed record ApiServerCase(string Name, Func<ApiServerUnderTest, Task> Body, bool NeedsBuiltInKinds = false);

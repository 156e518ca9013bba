namespace Damon.NodeAgent.Selection;

/// <summary>A container that a scheme selects and that nothing may touch.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct DeniedContainer(ContainerKey Key, string Reason);

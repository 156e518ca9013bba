namespace Damon.NodeAgent.Selection;

/// <summary>A container that a scheme selects and leaves to another.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Winner">The name of the scheme that has it.</param>
internal readonly record struct LostContainer(ContainerKey Key, string Winner);

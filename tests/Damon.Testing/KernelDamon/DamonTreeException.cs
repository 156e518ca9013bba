namespace Damon.Testing.KernelDamon;

/// <summary>A law of <see cref="DamonTreeCases"/> does not hold.</summary>
/// <param name="message">What was expected and what was found.</param>
public sealed class DamonTreeException(string message) : Exception(message);

namespace Damon.Operator.Schemes;

/// <summary>The text of each version that a node has, by its hash, once. For several threads.</summary>
public sealed class VersionLibrary
{
}

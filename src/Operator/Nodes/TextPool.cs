namespace Damon.Operator.Nodes;

/// <summary>Holds texts that thousands of objects repeat once. Bounded: what comes after the bound is not shared. For several threads.</summary>
/// <param name="capacity">The most texts.</param>
public sealed class TextPool(int capacity = 65_536)
{
    /// <summary>The text, shared.</summary>
    /// <param name="utf8">Not empty text in UTF-8.</param>
    public string Get(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();

    /// <summary>The text, shared.</summary>
    public string Get(string text) => throw new NotImplementedException();
}

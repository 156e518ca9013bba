namespace Damon.Operator.Schemes;

/// <summary>Reads DamonSchemes from the API server's JSON. One whose spec cannot be read is an object with errors, so that it can be told; one without metadata is an exception.</summary>
public static class SchemeObjectReader
{
    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    public static SchemeObject Read(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}

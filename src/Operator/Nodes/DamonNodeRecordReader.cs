using Damon.Operator.Schemes;

namespace Damon.Operator.Nodes;

/// <summary>Reads DamonNodes from the API server's JSON into compact records. A status that cannot be read is no status; a plan that cannot be read is one that nobody wrote, and is written anew.</summary>
/// <param name="texts">Texts that repeat.</param>
/// <param name="versions">Takes the text of versions that nodes have.</param>
public sealed class DamonNodeRecordReader(TextPool texts, VersionLibrary versions)
{
    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    public DamonNodeRecord Read(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}

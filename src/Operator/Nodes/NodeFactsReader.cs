namespace Damon.Operator.Nodes;

/// <summary>Reads Nodes from the API server's JSON. A kubelet's heartbeat changes nothing that is read.</summary>
/// <param name="texts">Texts that repeat.</param>
public sealed class NodeFactsReader(TextPool texts)
{
    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    public NodeFacts Read(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}

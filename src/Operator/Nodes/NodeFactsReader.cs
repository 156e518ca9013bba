using System.Text.Json;
using Damon.Operator.Json;

namespace Damon.Operator.Nodes;

/// <summary>Reads Nodes from the API server's JSON, of which images and addresses are the larger part and of no use here.</summary>
/// <param name="texts">Texts that repeat.</param>
public sealed class NodeFactsReader(TextPool texts)
{
    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    /// <exception cref="JsonException">No Node.</exception>
    public NodeFacts Read(ReadOnlySpan<byte> utf8)
    {
        var (metadata, ready) = (default(ObjectMetadata), default(ReadyCondition));
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("metadata"u8))
                metadata = ObjectMetadata.Next(ref reader, texts);
            else if (reader.IsField("status"u8))
                ready = ReadyCondition.NextStatus(ref reader);
            else
                reader.PassOver();
        }

        return new NodeFacts { Name = metadata.RequireName(), Uid = metadata.Uid, Labels = new(metadata.Labels), IsReady = ready.IsTrue, ReadySince = ready.Since };
    }
}

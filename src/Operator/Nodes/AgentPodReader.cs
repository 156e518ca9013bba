using System.Text.Json;
using Damon.Operator.Json;

namespace Damon.Operator.Nodes;

/// <summary>Reads agents' pods from the API server's JSON.</summary>
/// <param name="texts">Texts that repeat.</param>
public sealed class AgentPodReader(TextPool texts)
{
    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    /// <exception cref="JsonException">No pod.</exception>
    public AgentPodFacts Read(ReadOnlySpan<byte> utf8)
    {
        var (metadata, ready, node) = (default(ObjectMetadata), default(ReadyCondition), "");
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("metadata"u8))
                metadata = ObjectMetadata.Next(ref reader, texts);
            else if (reader.IsField("status"u8))
                ready = ReadyCondition.NextStatus(ref reader);
            else if (reader.IsField("spec"u8))
                node = NextNodeName(ref reader);
            else
                reader.PassOver();
        }

        // A pod that is being deleted undoes what it did and takes nothing up.
        return new AgentPodFacts
        {
            Key = new(metadata.Namespace, metadata.RequireName()),
            Node = node,
            IsReady = ready.IsTrue && metadata.DeletedAt is null,
            ReadySince = ready.IsTrue && metadata.DeletedAt is { } deletedAt ? deletedAt : ready.Since,
        };
    }

    private string NextNodeName(ref Utf8JsonReader reader)
    {
        var node = "";
        if (!reader.EntersObject())
            return node;
        while (reader.NextField())
        {
            if (reader.IsField("nodeName"u8))
                node = reader.NextText(texts);
            else
                reader.PassOver();
        }

        return node;
    }
}

using System.Text.Json;
using Damon.Api.Nodes;
using Damon.Kubernetes.Objects;

namespace Damon.NodeAgent.Cluster;

/// <summary>Reads this node's own Node object, of which images and addresses are the larger part and of no use here.</summary>
internal static class NodeReader
{
    /// <summary>Reads a node.</summary>
    /// <param name="utf8">The object.</param>
    /// <returns>What is needed of it; null for what is no JSON object.</returns>
    public static NodeRecord? Read(ReadOnlySpan<byte> utf8)
    {
        bool? pressure = null;
        var isPaused = false;
        var isRead = JsonFields.TryRead(utf8, (ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        {
            if (name.SequenceEqual("metadata"u8))
            {
                JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
                {
                    if (field.SequenceEqual("labels"u8))
                    {
                        isPaused = string.Equals(JsonFields.Map(ref inner).GetValueOrDefault(DamonNode.PausedLabel), "true", StringComparison.Ordinal);
                    }
                });
            }
            else if (name.SequenceEqual("status"u8))
            {
                JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
                {
                    if (field.SequenceEqual("conditions"u8))
                    {
                        JsonFields.Array(ref inner, (ref Utf8JsonReader item, ReadOnlySpan<byte> _) =>
                        {
                            var (type, status) = ReadCondition(ref item);
                            if (type == "MemoryPressure")
                            {
                                pressure = status switch { "True" => true, "False" => false, _ => null };
                            }
                        });
                    }
                });
            }
        });
        return isRead ? new NodeRecord(pressure, isPaused) : null;
    }

    private static (string Type, string Status) ReadCondition(ref Utf8JsonReader reader)
    {
        var (type, status) = ("", "");
        JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
        {
            if (field.SequenceEqual("type"u8))
            {
                type = JsonFields.Text(ref inner);
            }
            else if (field.SequenceEqual("status"u8))
            {
                status = JsonFields.Text(ref inner);
            }
        });
        return (type, status);
    }
}

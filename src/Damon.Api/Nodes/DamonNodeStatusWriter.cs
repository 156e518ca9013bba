using System.Buffers;
using System.Text.Json;
using Damon.Api.Schemes;

namespace Damon.Api.Nodes;

/// <summary>
/// Writes a node's status. Equal statuses give equal bytes: fields in a fixed order, lists in the order given, times in whole seconds. Text is cut to what the schema admits, because a
/// status that is refused for a long message would say nothing at all.
/// </summary>
public static class DamonNodeStatusWriter
{
    /// <summary>The longest message of a scheme or a capability, in characters.</summary>
    public const int MaxMessageLength = 512;

    /// <summary>The longest message of a condition, in characters.</summary>
    public const int MaxConditionMessageLength = 1024;

    private const int MaxReasonLength = 64;
    private const int MaxAgentVersionLength = 64;
    private const int MaxKernelLength = 128;

    /// <summary>The status alone.</summary>
    /// <param name="status">The status.</param>
    /// <returns>A JSON object in UTF-8.</returns>
    public static byte[] Write(DamonNodeStatus status) => JsonSerializer.SerializeToUtf8Bytes(Fit(status), DamonNodeJson.Default.DamonNodeStatus);

    /// <summary>The object to send to the status subresource by server-side apply.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="status">The status.</param>
    /// <returns>A JSON object in UTF-8.</returns>
    public static byte[] WriteApply(string node, DamonNodeStatus status)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", DamonSchemeReader.ApiVersion);
            writer.WriteString("kind", DamonNodeReader.Kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", node);
            writer.WriteEndObject();
            writer.WritePropertyName("status");
            JsonSerializer.Serialize(writer, Fit(status), DamonNodeJson.Default.DamonNodeStatus);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a status that an agent of any version wrote: what is not known is passed over.</summary>
    /// <param name="utf8">The JSON object of the field <c>status</c>.</param>
    /// <returns>The status; null where it cannot be read.</returns>
    public static DamonNodeStatus? Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, DamonNodeJson.Default.DamonNodeStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DamonNodeStatus Fit(DamonNodeStatus status) => status with
    {
        AgentVersion = Cut(status.AgentVersion, MaxAgentVersionLength),
        Kernel = Cut(status.Kernel, MaxKernelLength),
        Capabilities = [.. status.Capabilities.Select(one => one with { Reason = Cut(one.Reason, MaxReasonLength), Message = Cut(one.Message, MaxMessageLength) })],
        Schemes = [.. status.Schemes.Select(one => one with { Reason = Cut(one.Reason, MaxReasonLength), Message = Cut(one.Message, MaxMessageLength) })],
        Conditions = [.. status.Conditions.Select(one => one with { Message = Cut(one.Message, MaxConditionMessageLength) })],
    };

    // Never through a pair of surrogates: half of a character is no text, and the whole status would be refused for it.
    private static string? Cut(string? text, int maxLength) =>
        text is null || text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Operator.Nodes;

namespace Damon.Operator.Plans;

/// <summary>Writes a DamonNode as it is applied: metadata with the owner and the note, and spec.</summary>
internal static class NodePlanWriter
{
    /// <summary>The largest object, in bytes: what stands in every node's watch.</summary>
    public const int MaxBytes = 32 * 1024;

    // Around the entries: kind, two names, owner, mode, and a note of at most 16 names with a number each.
    private const int AroundEntries = 6 * 1024;

    // Documents are full of quotes, and one that is written in the strict form has six bytes. Nothing of this is ever part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The most bytes of all entries together.</summary>
    public const int MaxEntryBytes = MaxBytes - AroundEntries;

    /// <summary>The most bytes of a scheme's text, quoted: as much as fits into a plan that holds nothing else.</summary>
    public const int MaxTextBytes = MaxEntryBytes - 1024;

    /// <summary>The object to apply.</summary>
    /// <param name="node">The Node: its name, and the owner.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="note">The note.</param>
    /// <param name="uid">The object that the plan was made from; null where none is known. The server refuses it where there is none any more, or another: what acts already may stay on that object, and not on one that is new.</param>
    /// <param name="echoAfterSeconds">How long the agent is to wait with its echo.</param>
    public static byte[] WriteApply(NodeFacts node, NodePlan plan, PlanNote note, string? uid = null, int echoAfterSeconds = 0)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", DamonSchemeReader.ApiVersion);
            writer.WriteString("kind", DamonNodeReader.Kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", node.Name);
            if (uid is not null)
                writer.WriteString("uid", uid);
            writer.WriteStartObject("annotations");
            writer.WriteString(PlanNote.Annotation, note.Write());
            writer.WriteEndObject();
            writer.WriteStartArray("ownerReferences");
            writer.WriteStartObject();
            writer.WriteString("apiVersion", "v1");
            writer.WriteString("kind", "Node");
            writer.WriteString("name", node.Name);
            writer.WriteString("uid", node.Uid);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteStartObject("spec");
            writer.WriteString("mode", plan.Mode.ToString());
            if (echoAfterSeconds > 0)
                writer.WriteNumber("echoAfterSeconds", echoAfterSeconds);
            writer.WriteStartArray("schemes");
            var document = new ArrayBufferWriter<byte>();
            foreach (var entry in plan.Entries)
                Write(writer, entry, document);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>How much of the object an entry takes, at the most.</summary>
    public static int SizeOf(PlannedEntry entry)
    {
        // What is written of it besides the four texts has a bounded length: names of fields, two numbers and a time.
        const int Rest = 224;
        return Rest + Encoding.UTF8.GetByteCount(entry.Name) + Encoding.UTF8.GetByteCount(entry.Uid) + Encoding.UTF8.GetByteCount(entry.Hash) + entry.Text.QuotedBytes;
    }

    /// <summary>A time as it is written; null for any other text.</summary>
    public static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParseExact(text, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static void Write(Utf8JsonWriter writer, PlannedEntry entry, ArrayBufferWriter<byte> document)
    {
        document.ResetWrittenCount();
        using (var inner = new Utf8JsonWriter(document))
        {
            inner.WriteStartObject();
            inner.WriteString("createdAt", entry.CreatedAt.ToUniversalTime().ToString(TimeForm, CultureInfo.InvariantCulture));
            inner.WriteNumber("generation", entry.Generation);
            inner.WriteNumber("rank", entry.Rank);
            inner.WritePropertyName("spec");
            inner.WriteRawValue(entry.Text.Utf8.Span, skipInputValidation: true);
            inner.WriteString("uid", entry.Uid);
            inner.WriteEndObject();
        }

        writer.WriteStartObject();
        writer.WriteString("name", entry.Name);
        writer.WriteString("hash", entry.Hash);
        writer.WriteString("document", document.WrittenSpan);
        writer.WriteEndObject();
    }
}

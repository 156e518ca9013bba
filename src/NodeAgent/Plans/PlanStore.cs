using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Damon.Engine.Host;

namespace Damon.NodeAgent.Plans;

/// <summary>
/// The last good plan and configuration on disk. The file is one line, <c>damon-plan VERSION LENGTH SHA256</c>, and a JSON object; a file that is cut, changed or of another version is no
/// plan, because half of one would be a plan that nobody wrote.
/// </summary>
/// <param name="file">Where it is.</param>
internal sealed class PlanStore(DurableFile file)
{
    /// <summary>The longest file: two objects of the API server, which takes none above 1.5 MiB, in base64.</summary>
    public const int MaxBytes = 5 * 1024 * 1024;

    private const string Name = "damon-plan";
    private const int Version = 1;
    private const string TimeForm = "O";

    /// <summary>Reads what was kept.</summary>
    /// <returns>Vanished where nothing was; Malformed, with the reason, where it is damaged.</returns>
    public HostResult<StoredPlan> Load()
    {
        var read = file.Read();
        return read.TryGet(out var content) ? Parse(content) : read.Error;
    }

    /// <summary>Keeps a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The bytes written, or why nothing was: the old one is still there then.</returns>
    public HostResult<int> Save(StoredPlan plan) => file.Replace(Format(plan));

    /// <summary>The file's content.</summary>
    internal static byte[] Format(StoredPlan plan)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            if (plan.LastAnswerAt is { } lastAnswerAt)
            {
                writer.WriteString("lastAnswerAt", lastAnswerAt.ToUniversalTime().ToString(TimeForm, CultureInfo.InvariantCulture));
            }

            Write(writer, "node", plan.Node);
            Write(writer, "config", plan.Config);
            writer.WriteEndObject();
        }

        var header = string.Create(CultureInfo.InvariantCulture, $"{Name} {Version} {body.WrittenCount} {Convert.ToHexStringLower(SHA256.HashData(body.WrittenSpan))}\n");
        return [.. Encoding.ASCII.GetBytes(header), .. body.WrittenSpan];
    }

    /// <summary>Reads a file's content, whatever it is.</summary>
    internal static HostResult<StoredPlan> Parse(ReadOnlyMemory<byte> content)
    {
        var line = content.Span.IndexOf((byte)'\n');
        var words = line is < 0 or > 256 ? [] : Encoding.Latin1.GetString(content.Span[..line]).Split(' ');
        if (words is not [Name, var version, var length, var checksum])
        {
            return Damaged("is no plan of ours");
        }

        if (version != Version.ToString(CultureInfo.InvariantCulture))
        {
            return Damaged("is of another version");
        }

        var body = content[(line + 1)..];
        if (length != body.Length.ToString(CultureInfo.InvariantCulture) || checksum != Convert.ToHexStringLower(SHA256.HashData(body.Span)))
        {
            return Damaged("is cut or changed");
        }

        try
        {
            return ParseBody(body) ?? Damaged("does not hold what a plan holds");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Damaged("does not hold what a plan holds");
        }
    }

    private static HostResult<StoredPlan>? ParseBody(ReadOnlyMemory<byte> body)
    {
        var (node, config, lastAnswerAt) = (default(StoredDocument), default(StoredDocument), default(DateTimeOffset?));
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "lastAnswerAt" when DateTimeOffset.TryParseExact(reader.GetString(), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time):
                    lastAnswerAt = time;
                    break;
                case "node":
                    node = ReadDocument(ref reader);
                    break;
                case "config":
                    config = ReadDocument(ref reader);
                    break;
                default:
                    return null;
            }
        }

        return new StoredPlan(node, config, lastAnswerAt);
    }

    private static StoredDocument ReadDocument(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Null ? StoredDocument.Absent : StoredDocument.Of(reader.GetBytesFromBase64());

    private static void Write(Utf8JsonWriter writer, string name, StoredDocument document)
    {
        if (!document.IsKnown)
        {
            return;
        }

        writer.WritePropertyName(name);
        if (document.IsPresent)
        {
            // As bytes, not as JSON: what was given is kept to the byte, even where it could not be read.
            writer.WriteBase64StringValue(document.Json.Span);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static HostError Damaged(string what) => new(HostErrorKind.Malformed, "the kept plan", $"{what}; it is not used, and the next one that the API server gives takes its place");
}

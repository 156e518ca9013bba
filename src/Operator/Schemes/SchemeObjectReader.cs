using System.Buffers;
using System.Text;
using System.Text.Json;
using Damon.Api.Manifests;
using Damon.Api.Schemes;
using Damon.Operator.Json;
using Damon.Operator.Plans;
using Damon.Operator.Statuses;

namespace Damon.Operator.Schemes;

/// <summary>Reads DamonSchemes from the API server's JSON. One whose spec cannot be read is an object with a refusal, so that its author can be told; it holds nobody up.</summary>
public static class SchemeObjectReader
{
    private const int MaxResumeLength = 64;
    private const int MaxShownErrors = 3;

    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    /// <exception cref="JsonException">No object with a name.</exception>
    public static SchemeObject Read(ReadOnlySpan<byte> utf8)
    {
        var metadata = default(ObjectMetadata);
        ReadOnlySpan<byte> spec = [], status = [];
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("metadata"u8))
                metadata = ObjectMetadata.Next(ref reader, texts: null);
            else if (reader.IsField("spec"u8))
                spec = reader.NextRaw(utf8);
            else if (reader.IsField("status"u8))
                status = reader.NextRaw(utf8);
            else
                reader.PassOver();
        }

        var resume = metadata.Annotations.GetValueOrDefault(SchemeObject.ResumeAnnotation, "");
        var scheme = new SchemeObject
        {
            Name = metadata.RequireName(),
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
            Generation = metadata.Generation,
            CreatedAt = metadata.CreatedAt ?? DateTimeOffset.UnixEpoch,
            DeletedAt = metadata.DeletedAt,
            Finalizers = metadata.Finalizers,
            ResumeRequest = resume.Length > MaxResumeLength ? Digest.Of(resume).ToString() : resume,
            Status = SchemeStatusReader.Read(status),
        };
        return WithSpec(scheme, spec);
    }

    private static SchemeObject WithSpec(SchemeObject scheme, ReadOnlySpan<byte> spec)
    {
        if (spec.IsEmpty)
            return Refused(scheme, Reasons.Invalid, "spec: is missing");
        var read = DamonSchemeReader.Read("damonscheme.json", AsManifest(scheme.Name, spec));
        if (read.Schemes is not [var manifest])
        {
            var isUnknown = read.Errors.Any(error => error.Kind != ManifestErrorKind.Invalid);
            return Refused(scheme, isUnknown ? Reasons.OperatorTooOld : Reasons.Invalid, Text(read.Errors));
        }

        VersionText text;
        try
        {
            using var document = JsonDocument.Parse(spec.ToArray());
            text = VersionText.OfScheme(document.RootElement, new VersionForm(Acts: false, IsPaused: false));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A text that is none, as half of a surrogate pair.
            return Refused(scheme, Reasons.Invalid, "spec: holds a text that is none");
        }

        // Of two schemes that say the same each has its own version: who is admitted to the one is not to the other.
        return text.QuotedBytes > NodePlanWriter.MaxTextBytes
            ? Refused(scheme, Reasons.TooLarge, $"spec: has {text.QuotedBytes} bytes with its quotes escaped; a node's plan takes {NodePlanWriter.MaxTextBytes}. Shorten the selectors")
            : scheme with { Spec = manifest.Spec, Text = text, Version = Digest.Of($"{scheme.Uid} {text.Digest}").ToString()[..20] };
    }

    private static SchemeObject Refused(SchemeObject scheme, string reason, string message) => scheme with { Refusal = reason, RefusalMessage = message };

    /// <summary>The reader takes what an admin may write; what the server has added stays away from it.</summary>
    private static byte[] AsManifest(string name, ReadOnlySpan<byte> spec)
    {
        var buffer = new ArrayBufferWriter<byte>(spec.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", DamonSchemeReader.ApiVersion);
            writer.WriteString("kind", DamonSchemeReader.Kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", name);
            writer.WriteEndObject();
            writer.WritePropertyName("spec");
            writer.WriteRawValue(spec, skipInputValidation: true);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string Text(IReadOnlyList<ManifestError> errors)
    {
        var text = new StringBuilder();
        foreach (var error in errors.Take(MaxShownErrors))
            text.Append(text.Length > 0 ? "; " : "").Append(error.FieldPath.Length > 0 ? $"{error.FieldPath}: {error.Message}" : error.Message);
        if (errors.Count > MaxShownErrors)
            text.Append("; and more");
        return text.ToString();
    }
}

using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Schemes;
using Damon.Api.Units;

namespace Damon.Api.Nodes;

/// <summary>Decodes a node's plan.</summary>
internal static class DamonNodeDecoder
{
    private const int MaxRank = 1_000_000;
    private const int MaxUidLength = 64;
    private const int MaxHashLength = 128;

    public static DamonNode? Node(ManifestFields fields, ManifestDecoder decoder)
    {
        var apiVersion = DamonSchemeDecoder.Constant(fields, "apiVersion", DamonSchemeReader.ApiVersion);
        var kind = DamonSchemeDecoder.Constant(fields, "kind", DamonNodeReader.Kind);
        if (!apiVersion || !kind)
        {
            fields.IgnoreRest();
            return null;
        }

        var (name, uid, generation) = ("", "", 0L);
        fields.Require("metadata")?.Object(metadata =>
        {
            name = metadata.Require("name")?.Text() ?? "";
            uid = metadata.Find("uid")?.Text() ?? "";
            generation = metadata.Find("generation")?.LongInteger(0, long.MaxValue) ?? 0;
            metadata.IgnoreRest();
            return metadata;
        });

        // The plan is in spec and nowhere else; status is this agent's own.
        var spec = fields.Require("spec") is { } value ? Spec(value, decoder) : null;
        fields.IgnoreRest();
        return spec is null ? null : new() { Name = name, Uid = uid, Generation = generation, Spec = spec };
    }

    public static DamonNodeSpec Fields(ManifestFields fields, ManifestDecoder decoder) => new()
    {
        Mode = fields.Require("mode")?.Choice<ClusterMode>() ?? ClusterMode.Off,
        EchoAfterSeconds = fields.Find("echoAfterSeconds")?.Integer(0, DamonNodeReader.MaxEchoAfterSeconds) ?? 0,
        Schemes = Schemes(fields.Find("schemes"), decoder),
    };

    private static DamonNodeSpec? Spec(ManifestValue value, ManifestDecoder decoder)
    {
        var own = decoder.Apart();
        var spec = own.Value(value.Node, value.Path).Object(fields => Fields(fields, own));
        foreach (var error in own.Errors.Where(IsInvalid))
            decoder.Report(error);
        return spec is null ? null : spec with { Unknown = [.. own.Errors.Where(error => !IsInvalid(error))] };
    }

    private static List<NodeScheme> Schemes(ManifestValue? value, ManifestDecoder decoder)
    {
        var schemes = new List<NodeScheme>();
        foreach (var item in value?.Items(DamonNodeReader.MaxSchemes) ?? [])
        {
            if (Scheme(item, decoder) is not { } scheme)
                continue;
            if (schemes.Exists(other => other.Name == scheme.Name))
                item.Report($"the scheme {QuotedText.Of(scheme.Name)} stands twice");
            schemes.Add(scheme);
        }

        return schemes;
    }

    private static NodeScheme? Scheme(ManifestValue item, ManifestDecoder decoder)
    {
        var own = decoder.Apart();
        var scheme = own.Value(item.Node, item.Path).Object(fields =>
        {
            var name = fields.Require("name") is { } nameValue ? Name(nameValue) : null;
            var hash = fields.Require("hash") is { } hashValue ? Bounded(hashValue, MaxHashLength) : null;
            return fields.Require("document")?.JsonText(document => Document(document, name, hash), DamonNodeReader.MaxDocumentLength);
        });
        if (scheme is not null)
            return own.HasErrors ? scheme with { Spec = null, Errors = own.Errors } : scheme;
        foreach (var error in own.Errors.Where(IsInvalid))
            decoder.Report(error);
        return null;
    }

    // What no server looks into. Name and hash stand beside it.
    private static NodeScheme? Document(ManifestFields fields, string? name, string? hash)
    {
        var uid = fields.Require("uid") is { } uidValue ? Bounded(uidValue, MaxUidLength) : null;
        var generation = fields.Require("generation")?.LongInteger(1, long.MaxValue);
        var rank = fields.Require("rank")?.Integer(1, MaxRank);
        var createdAt = fields.Require("createdAt")?.Timestamp();
        var spec = fields.Require("spec")?.Object(DamonSchemeDecoder.Spec);
        return name is null || hash is null || uid is null || generation is null || rank is null || createdAt is null
            ? null
            : new NodeScheme { Name = name, Uid = uid, Generation = generation.Value, Hash = hash, Rank = rank.Value, CreatedAt = createdAt.Value, Spec = spec };
    }

    private static string? Name(ManifestValue value)
    {
        if (value.Text() is not { } name)
            return null;
        if (LabelSyntax.IsDnsSubdomain(name))
            return name;
        value.Report($"{QuotedText.Of(name)} is not a scheme's name");
        return null;
    }

    // What is echoed into the status must fit there.
    private static string? Bounded(ManifestValue value, int maxLength)
    {
        if (value.Text() is not { } text)
            return null;
        if (text.Length > 0 && text.Length <= maxLength)
            return text;
        value.Report($"has {text.Length} characters; 1 to {maxLength} are accepted");
        return null;
    }

    private static bool IsInvalid(ManifestError error) => error.Kind == ManifestErrorKind.Invalid;
}

using Damon.Api.Manifests;

namespace Damon.Api.Schemes;

/// <summary>
/// Reads DamonScheme objects from a file, as strictly as the API server would admit them: unknown fields, values out of their bounds and rules over several
/// fields are errors, all of them reported together. A file with an error gives no scheme at all.
/// </summary>
public static class DamonSchemeReader
{
    /// <summary>The group and version that are read.</summary>
    public const string ApiVersion = "damon.dev/v1alpha1";

    /// <summary>The kind that is read.</summary>
    public const string Kind = "DamonScheme";

    /// <summary>Every field below <c>spec</c> that is read, by its path; <c>[]</c> stands for an item of a list, <c>.*</c> for an entry of a map. A definition that lacks one is older than this.</summary>
    public static IReadOnlyList<string> KnownFields { get; } = [.. ManifestDecoder.ShapesOf(static (fields, _) => DamonSchemeDecoder.Spec(fields)).Select(shape => shape.Path)];

    /// <summary>Reads a file's text.</summary>
    /// <param name="file">The name shown in errors; see <see cref="ManifestReader"/> for what its ending decides.</param>
    /// <param name="text">The file: one or more schemes in YAML, or one in JSON.</param>
    /// <param name="overrides">Fields set on the command line, in each scheme of the file.</param>
    /// <returns>The schemes or the errors.</returns>
    public static DamonSchemeReadResult Read(string file, string text, IReadOnlyList<ManifestOverride>? overrides = null) =>
        Decode(file, ManifestReader.Read(file, text), overrides ?? []);

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="file">The name shown in errors; see <see cref="ManifestReader"/> for what its ending decides.</param>
    /// <param name="utf8">The file: one or more schemes in YAML, or one in JSON.</param>
    /// <param name="overrides">Fields set on the command line, in each scheme of the file.</param>
    /// <returns>The schemes or the errors.</returns>
    public static DamonSchemeReadResult Read(string file, ReadOnlySpan<byte> utf8, IReadOnlyList<ManifestOverride>? overrides = null) =>
        Decode(file, ManifestReader.Read(file, utf8), overrides ?? []);

    private static DamonSchemeReadResult Decode(string file, ManifestReadResult manifest, IReadOnlyList<ManifestOverride> overrides)
    {
        if (manifest.Errors.Count > 0)
            return new([], manifest.Errors);
        var decoder = new ManifestDecoder();
        if (manifest.Documents.Count == 0)
            decoder.Report(new(file, 0, 0), "", $"the file is empty; write a {Kind}");
        var schemes = new List<DamonScheme>();
        foreach (var document in manifest.Documents)
        {
            var node = document;
            foreach (var setting in overrides)
                node = setting.Apply(node, decoder);

            // Each document has a decoder of its own: the same path in another document is another field.
            var own = new ManifestDecoder();
            if (own.Value(node).Object(fields => DamonSchemeDecoder.Scheme(fields, own)) is { } scheme && !own.HasErrors)
            {
                if (schemes.Exists(other => other.Name == scheme.Name))
                    decoder.Report(node.At, "metadata.name", $"\"{scheme.Name}\" stands twice in the file; give each scheme a name of its own");
                schemes.Add(scheme);
            }

            foreach (var error in own.Errors)
                decoder.Report(error);
        }

        return decoder.HasErrors ? new([], decoder.Errors) : new(schemes, []);
    }
}

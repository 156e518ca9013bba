using Damon.Api.Manifests;

namespace Damon.Api.Nodes;

/// <summary>
/// Reads a node's plan. An error within one scheme stays with that scheme, so that it never affects another; an error in what names the schemes makes the plan unreadable as a
/// whole, because nothing could be reported about them. What is unknown is told apart from what is wrong (<see cref="ManifestError.Kind"/>).
/// </summary>
public static class DamonNodeReader
{
    /// <summary>The kind that is read.</summary>
    public const string Kind = "DamonNode";

    /// <summary>The most schemes of a node.</summary>
    public const int MaxSchemes = 16;

    /// <summary>The longest wait until a plan is echoed, in seconds: well below the five minutes after which a node counts as silent.</summary>
    public const int MaxEchoAfterSeconds = 120;

    /// <summary>The longest document of a scheme, in characters: as much as an object may have.</summary>
    public const int MaxDocumentLength = 32 * 1024;

    /// <summary>Every field below <c>spec</c> that is read, by its path; <c>[]</c> stands for an item of a list, <c>.*</c> for an entry of a map. A definition that lacks one is older than this.</summary>
    public static IReadOnlyList<string> KnownFields { get; } = [.. ManifestDecoder.ShapesOf(static (fields, decoder) => DamonNodeDecoder.Fields(fields, decoder)).Select(shape => shape.Path)];

    /// <summary>Reads one object, as the API server gives it or from a file.</summary>
    /// <param name="source">What is shown as the file's name in errors; ends in <c>.json</c> for JSON.</param>
    /// <param name="utf8">The object.</param>
    /// <returns>The plan or the errors.</returns>
    public static DamonNodeReadResult Read(string source, ReadOnlySpan<byte> utf8)
    {
        var manifest = ManifestReader.Read(source, utf8);
        if (manifest.Errors.Count > 0)
            return new(null, manifest.Errors);
        if (manifest.Documents.Count != 1)
            return new(null, [new(source, 0, 0, "", $"holds {manifest.Documents.Count} documents; write one {Kind}")]);
        var decoder = new ManifestDecoder();
        var node = decoder.Value(manifest.Documents[0]).Object(fields => DamonNodeDecoder.Node(fields, decoder));
        return node is null || decoder.HasErrors ? new(null, decoder.Errors) : new(node, []);
    }
}

using Damon.Api.Manifests;

namespace Damon.Api.Clusters;

/// <summary>Reads the cluster's configuration, from the API server or from a file. What is unknown is told apart from what is wrong (<see cref="ManifestError.Kind"/>).</summary>
public static class DamonClusterConfigReader
{
    /// <summary>The kind that is read.</summary>
    public const string Kind = "DamonClusterConfig";

    /// <summary>The name of the one object there is.</summary>
    public const string Name = "cluster";

    /// <summary>Every field below <c>spec</c> that is read, by its path; <c>[]</c> stands for an item of a list, <c>.*</c> for an entry of a map. A definition that lacks one is older than this.</summary>
    public static IReadOnlyList<string> KnownFields { get; } = [.. ManifestDecoder.ShapesOf(static (fields, _) => DamonClusterConfigDecoder.Spec(fields)).Select(shape => shape.Path)];

    /// <summary>Reads one object.</summary>
    /// <param name="source">What is shown as the file's name in errors; ends in <c>.json</c> for JSON.</param>
    /// <param name="utf8">The object.</param>
    /// <returns>The configuration or the errors.</returns>
    public static DamonClusterConfigReadResult Read(string source, ReadOnlySpan<byte> utf8)
    {
        var manifest = ManifestReader.Read(source, utf8);
        if (manifest.Errors.Count > 0)
            return new(null, null, manifest.Errors);
        if (manifest.Documents.Count != 1)
            return new(null, null, [new(source, 0, 0, "", $"holds {manifest.Documents.Count} documents; write one {Kind}")]);
        var decoder = new ManifestDecoder();
        var config = decoder.Value(manifest.Documents[0]).Object(DamonClusterConfigDecoder.Config);
        ClusterMode? mode = config is not null && !decoder.HasErrorsAt("spec.mode") ? config.Spec.Mode : null;
        return decoder.HasErrors ? new(null, mode, decoder.Errors) : new(config, mode, []);
    }
}

using Damon.Api.Manifests;

namespace Damon.Interchange;

/// <summary>What comes of reading one damo file, while it is read.</summary>
internal sealed class DamoReading
{
    public List<InterchangeNote> Notes { get; } = [];

    public List<ManifestError> Errors { get; } = [];

    public void Fail(ManifestNode node, string path, string message) => Errors.Add(new ManifestError(node.At.File, node.At.Line, node.At.Column, path, message));
}

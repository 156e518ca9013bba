using Damon.Api.Manifests;
using Damon.Testing;

namespace Damon.Api.Tests.Crds;

/// <summary>The schema of a custom resource as its file has it: every field below spec or status by its path, in the form of the reader's own description.</summary>
internal sealed class CrdSchema
{
    private readonly ManifestMapping _root;

    public CrdSchema(string file)
    {
        var read = ManifestReader.Read(file, RepositoryFiles.Bytes($"deploy/crds/{file}"));
        read.Errors.Should().BeEmpty();
        Document = (ManifestMapping)read.Documents.Single();
        var version = (ManifestMapping)((ManifestSequence)At(Document, "spec", "versions")!).Items.Single();
        _root = (ManifestMapping)At(version, "schema", "openAPIV3Schema")!;
    }

    public ManifestMapping Document { get; }

    public static string? Text(ManifestMapping node, string name) => (node.Find(name)?.Value as ManifestScalar)?.Text;

    public static IReadOnlyList<string> Texts(ManifestMapping node, string name) =>
        node.Find(name)?.Value is ManifestSequence list ? [.. list.Items.Select(item => ((ManifestScalar)item).Text)] : [];

    public static ManifestNode? At(ManifestNode node, params ReadOnlySpan<string> names)
    {
        ManifestNode? at = node;
        foreach (var name in names)
            at = (at as ManifestMapping)?.Find(name)?.Value;
        return at;
    }

    public ManifestMapping Of(string part) => (ManifestMapping)At(_root, "properties", part)!;

    /// <summary>Every field below a part, with whether it must be given.</summary>
    public IReadOnlyDictionary<string, (ManifestMapping Schema, bool IsRequired)> Fields(string part)
    {
        var fields = new Dictionary<string, (ManifestMapping, bool)>(StringComparer.Ordinal);
        Walk(Of(part), "", fields);
        return fields;
    }

    /// <summary>A value with the schema's defaults filled in, as the API server does it: absent fields with a default first, then what is below them.</summary>
    public static ManifestNode WithDefaults(ManifestMapping schema, ManifestNode value)
    {
        if (value is ManifestSequence list && schema.Find("items")?.Value is ManifestMapping items)
            return new ManifestSequence(list.At, [.. list.Items.Select(item => WithDefaults(items, item))]);
        if (value is not ManifestMapping mapping || schema.Find("properties")?.Value is not ManifestMapping properties)
            return value;
        var entries = new List<ManifestEntry>();
        foreach (var property in properties.Entries)
        {
            var own = (ManifestMapping)property.Value;
            var given = mapping.Find(property.Key)?.Value ?? own.Find("default")?.Value;
            if (given is not null)
                entries.Add(new(property.Key, given.At, WithDefaults(own, given)));
        }

        return new ManifestMapping(mapping.At, [.. entries, .. mapping.Entries.Where(entry => properties.Find(entry.Key) is null)]);
    }

    private static void Walk(ManifestMapping schema, string path, Dictionary<string, (ManifestMapping, bool)> fields)
    {
        var required = Texts(schema, "required");
        foreach (var property in (schema.Find("properties")?.Value as ManifestMapping)?.Entries ?? [])
        {
            var own = (ManifestMapping)property.Value;
            var at = path.Length == 0 ? property.Key : $"{path}.{property.Key}";
            fields.Add(at, (own, required.Contains(property.Key)));
            Walk(own, at, fields);
        }

        if (schema.Find("items")?.Value is ManifestMapping items)
        {
            fields.Add(path + "[]", (items, false));
            Walk(items, path + "[]", fields);
        }

        if (schema.Find("additionalProperties")?.Value is ManifestMapping free)
            fields.Add(path + ".*", (free, false));
    }
}

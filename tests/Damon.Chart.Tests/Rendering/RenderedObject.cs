using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests.Rendering;

/// <summary>One object as it was rendered.</summary>
/// <param name="Text">Its YAML.</param>
/// <param name="Root">The same, parsed.</param>
internal sealed record RenderedObject(string Text, YamlMappingNode Root)
{
    public string ApiVersion => TextAt("apiVersion");

    public string Kind => TextAt("kind");

    public string Name => TextAt("metadata", "name");

    public string Namespace => TextAt("metadata", "namespace");

    /// <summary>The hook that it is part of; empty for what is installed.</summary>
    public string Hook => TextAt("metadata", "annotations", "helm.sh/hook");

    /// <returns>Null for a document of comments alone.</returns>
    public static RenderedObject? TryParse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root ? new(text, root) : null;
    }

    /// <summary>A part of it, by names and positions in lists; null where it is not there.</summary>
    public YamlNode? At(params ReadOnlySpan<string> path) => Below(Root, path);

    public string TextAt(params ReadOnlySpan<string> path) => (At(path) as YamlScalarNode)?.Value ?? "";

    public static YamlNode? Below(YamlNode from, params ReadOnlySpan<string> path)
    {
        YamlNode? at = from;
        foreach (var part in path)
        {
            at = at switch
            {
                YamlMappingNode mapping => mapping.Children.TryGetValue(new YamlScalarNode(part), out var value) ? value : null,
                YamlSequenceNode sequence => sequence.Children.ElementAtOrDefault(int.Parse(part, CultureInfo.InvariantCulture)),
                _ => null,
            };
        }

        return at;
    }

    /// <summary>Texts of a list; empty where it is not there.</summary>
    public static IReadOnlyList<string> Texts(YamlNode from, params ReadOnlySpan<string> path) =>
        [.. (Below(from, path) as YamlSequenceNode)?.Children.Cast<YamlScalarNode>().Select(item => item.Value ?? "") ?? []];

    public override string ToString() => $"{Kind} {Name}";
}

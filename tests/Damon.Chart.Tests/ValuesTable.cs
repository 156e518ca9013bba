using System.Text.Json;
using System.Text.RegularExpressions;
using Damon.Chart.Tests.Rendering;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests;

/// <summary>The values of a chart with what stands above each of them.</summary>
internal sealed partial class ValuesTable
{
    private readonly List<(string Path, string Comment)> _commented = [];

    private ValuesTable(YamlMappingNode root) => Root = root;

    public YamlMappingNode Root { get; }

    /// <summary>Values that have a comment; what is below them belongs to them.</summary>
    public IReadOnlyList<(string Path, string Comment)> Commented => _commented;

    /// <summary>Values that nothing explains.</summary>
    public IReadOnlyList<string> Unexplained => [.. Leaves(Root, "").Where(leaf => !_commented.Exists(one => leaf == one.Path || leaf.StartsWith(one.Path + ".", StringComparison.Ordinal)))];

    /// <summary>As a table in Markdown.</summary>
    public string Markdown => string.Concat(
        _commented.Select(one => $"| `{one.Path}` | `{Default(one.Path)}` | {one.Comment.Replace("|", "\\|", StringComparison.Ordinal)} |\n").Prepend("| value | default | what it is for |\n|---|---|---|\n"));

    public static ValuesTable Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var table = new ValuesTable((YamlMappingNode)stream.Documents[0].RootNode);
        var (comment, path) = (new List<string>(), new List<string>());
        foreach (var line in yaml.Split('\n'))
        {
            if (line.TrimStart().StartsWith('#'))
            {
                comment.Add(line.TrimStart()[1..].Trim());
                continue;
            }

            if (Key().Match(line) is { Success: true } key)
            {
                var depth = key.Groups["indent"].Length / 2;
                path = [.. path.Take(depth), key.Groups["name"].Value];
                if (comment.Count > 0)
                    table._commented.Add((string.Join('.', path), string.Join(' ', comment)));
            }

            // A comment is of the line below it.
            comment.Clear();
        }

        return table;
    }

    private string Default(string path) => Json(RenderedObject.Below(Root, path.Split('.'))!);

    private static string Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => $"{{{string.Join(", ", mapping.Children.Select(pair => $"{((YamlScalarNode)pair.Key).Value}: {Json(pair.Value)}"))}}}",
        YamlSequenceNode sequence => $"[{string.Join(", ", sequence.Select(Json))}]",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => scalar.Value ?? "",
        YamlScalarNode scalar => JsonSerializer.Serialize(scalar.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private static IEnumerable<string> Leaves(YamlMappingNode mapping, string above) => mapping.Children.SelectMany(pair =>
    {
        var path = above + ((YamlScalarNode)pair.Key).Value;
        return pair.Value is YamlMappingNode { Children.Count: > 0 } below ? Leaves(below, path + ".") : [path];
    });

    [GeneratedRegex(@"^(?<indent> *)(?<name>[A-Za-z]+):", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();
}

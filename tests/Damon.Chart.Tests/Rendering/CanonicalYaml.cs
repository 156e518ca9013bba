using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests.Rendering;

/// <summary>YAML as one line that is the same for all ways to write the same: keys sorted, and text told from what only looks like it.</summary>
internal static partial class CanonicalYaml
{
    public static string Of(YamlNode? node) => node switch
    {
        null => "nothing",
        YamlMappingNode mapping => $"{{{string.Join(',', mapping.Children.Select(pair => $"{Of(pair.Key)}:{Of(pair.Value)}").Order(StringComparer.Ordinal))}}}",
        YamlSequenceNode sequence => $"[{string.Join(',', sequence.Children.Select(Of))}]",
        YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any } scalar when NoText().IsMatch(scalar.Value ?? "") => $"<{scalar.Value}>",
        YamlScalarNode scalar => $"\"{(scalar.Value ?? "").TrimEnd('\n')}\"",
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    /// <summary>By the YAML that Kubernetes reads, which is older than 1.2: there is more in it that is no text.</summary>
    [GeneratedRegex(@"^(?:|~|null|true|false|yes|no|on|off|y|n|[-+]?[0-9][0-9_.]*(?:e[-+]?[0-9]+)?)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoText();
}

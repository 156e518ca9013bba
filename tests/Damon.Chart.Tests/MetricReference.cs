using System.Text.RegularExpressions;
using Damon.Testing;

namespace Damon.Chart.Tests;

/// <summary>The metrics that there are, by the references, which tests of operator and agent compare with what they give.</summary>
internal static partial class MetricReference
{
    /// <summary>Each with its type and labels.</summary>
    public static IReadOnlyDictionary<string, (string Type, string[] Labels)> All { get; } =
        ((string[])["docs/reference/agent-metrics.md", "docs/reference/operator-metrics.md"]).SelectMany(file => Row().Matches(RepositoryFiles.Text(file))).ToDictionary(
            row => row.Groups["name"].Value,
            row => (row.Groups["type"].Value, Label().Matches(row.Groups["labels"].Value).Select(label => label.Groups["name"].Value).ToArray()),
            StringComparer.Ordinal);

    /// <summary>The metric of a series: a histogram's has endings.</summary>
    public static string? MetricOf(string series) =>
        All.ContainsKey(series) ? series : ((string[])["_bucket", "_sum", "_count"]).Where(ending => series.EndsWith(ending, StringComparison.Ordinal)).Select(ending => series[..^ending.Length])
            .FirstOrDefault(metric => All.TryGetValue(metric, out var found) && found.Type == "histogram");

    [GeneratedRegex(@"^\| `(?<name>damon_\w+)` \| (?<type>\w+) \|(?<labels>[^|]*)\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<name>\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Label();
}

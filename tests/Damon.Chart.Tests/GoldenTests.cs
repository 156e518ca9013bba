using System.Text.RegularExpressions;
using Damon.Chart.Tests.Rendering;

namespace Damon.Chart.Tests;

/// <summary>What the chart renders, as people would read it in a review: definitions and dashboards, which are copies, and comments aside.</summary>
public partial class GoldenTests
{
    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void What_is_rendered_changes_only_knowingly(string name)
    {
        var objects = ChartCases.Render(name).Objects.Where(one => one.Kind != "CustomResourceDefinition" && !one.Name.StartsWith("damon-dashboard-", StringComparison.Ordinal));
        GoldenFile.Compare($"tests/Damon.Chart.Tests/Golden/{name}.yaml", string.Concat(objects.Select(one => $"---\n{Plain(one.Text)}\n")));
    }

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void No_object_is_rendered_twice(string name) => ChartCases.Render(name).Objects.Select(one => (one.ApiVersion, one.Kind, one.Namespace, one.Name)).Should().OnlyHaveUniqueItems();

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void No_custom_resource_is_in_the_chart(string name) =>
        ChartCases.Render(name).Objects.Should().NotContain(one => one.ApiVersion.StartsWith("damon.dev/", StringComparison.Ordinal), "an object cannot be installed with its own definition");

    /// <summary>Versions of the chart are nothing to review here.</summary>
    private static string Plain(string text) => string.Join('\n', text.Split('\n').Where(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith('#')).Select(line => Versions().Replace(line.TrimEnd(), "${key} VERSION")));

    [GeneratedRegex(@"^(?<key>\s*(?:helm\.sh/chart|app\.kubernetes\.io/version):) .*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Versions();
}

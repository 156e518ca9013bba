using System.Text.RegularExpressions;
using Damon.Testing;

namespace Damon.Delivery.Tests.Runbooks;

/// <summary>Who is woken by an alert finds a page that says what to do, and figures that there are.</summary>
public partial class RunbookTests
{
    private const string Alerts = "charts/damon/files/alerts.yaml";

    private static readonly string Index = RepositoryFiles.Text("docs/runbooks.md");

    [Fact]
    public void Every_alert_of_the_chart_has_a_place_in_the_runbooks_and_no_other_has()
    {
        Assert.SkipUnless(RepositoryEntries.Has(Alerts), $"there is no {Alerts}");
        Heading().Matches(Index).Select(match => match.Groups["name"].Value).Should().BeEquivalentTo(Alert().Matches(RepositoryFiles.Text(Alerts)).Select(match => match.Groups["name"].Value));
    }

    [Fact]
    public void Every_page_is_linked_under_its_own_name() =>
        RepositoryFiles.Names("docs/runbooks").Should().NotBeEmpty().And.OnlyContain(name =>
            Index.Contains($"](runbooks/{name})", StringComparison.Ordinal) && RepositoryFiles.Text($"docs/runbooks/{name}").StartsWith($"# {Path.GetFileNameWithoutExtension(name)}\n", StringComparison.Ordinal)
            && Index.Contains($"## {Path.GetFileNameWithoutExtension(name)}\n", StringComparison.Ordinal));

    [Fact]
    public void Every_metric_that_a_runbook_names_is_one_that_operator_or_agents_give()
    {
        var known = Metrics(RepositoryFiles.Text("docs/reference/agent-metrics.md") + RepositoryFiles.Text("docs/reference/operator-metrics.md"));
        var named = Metrics(Index + string.Concat(RepositoryFiles.Names("docs/runbooks").Select(name => RepositoryFiles.Text($"docs/runbooks/{name}"))));

        named.Should().NotBeEmpty();
        named.Except(known, StringComparer.Ordinal).Should().BeEmpty();
    }

    private static HashSet<string> Metrics(string text) => Metric().Matches(text).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex("^## (?<name>Damon\\w+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Heading();

    [GeneratedRegex("^ *- alert: (?<name>\\w+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Alert();

    [GeneratedRegex("damon_(agent|operator)_[a-z_]*[a-z]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Metric();
}

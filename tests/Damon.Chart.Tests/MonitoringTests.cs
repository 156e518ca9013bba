using System.Text.Json;
using System.Text.RegularExpressions;
using Damon.Api.Nodes;
using Damon.Chart.Tests.Rendering;
using Damon.NodeAgent.Safety;
using Damon.Operator.Rollouts;
using Damon.Testing;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests;

/// <summary>Alerts and dashboards ask for what operator and agents give.</summary>
public partial class MonitoringTests
{
    /// <summary>Nodes that say nothing are in none of the states that agents say.</summary>
    private static readonly string[] FurtherStates = ["Unreachable"];

    /// <summary>Labels whose values are a closed list.</summary>
    private static readonly Dictionary<string, string[]> Closed = new(StringComparer.Ordinal)
    {
        ["state"] = [.. Enum.GetNames<NodeSchemeState>(), .. FurtherStates],
        ["phase"] = Enum.GetNames<RolloutPhase>(),
        ["rail"] = Enum.GetNames<SafetyRail>(),
        ["reason"] = Enum.GetNames<SafetyRail>(),
        ["result"] = ["Succeeded", "Failed", "Thrown"],
        ["age"] = ["0s", "30s", "2m", "10m", "30m", "2h"],
    };

    public static TheoryData<string> Expressions => new(Alerts().Select(alert => alert.Expr).Concat(RepositoryFiles.Names("charts/damon/files/dashboards").SelectMany(Queries)).Distinct());

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Every_metric_and_label_that_is_asked_for_is_there(string expression) => Problems(expression).Should().BeEmpty();

    [Theory]
    [InlineData("sum(damon_agent_nothing)", "damon_agent_nothing is no metric")]
    [InlineData("damon_operator_scheme_nodes{rail=\"Refault\"}", "damon_operator_scheme_nodes has no label rail")]
    [InlineData("damon_operator_scheme_nodes{state=\"degraded\"}", "state is never degraded")]
    [InlineData("damon_agent_safety_trips_total{rail=~\"Refault|Nothing\"}", "rail is never Nothing")]
    [InlineData("damon_agent_cpu_seconds_total_count", "damon_agent_cpu_seconds_total_count is no metric")]
    [InlineData("damon_agent_cpu_seconds_total > 1", "damon_agent_cpu_seconds_total is a counter, and no rate or increase of it is taken")]
    [InlineData("up == 0", "no metric of ours is asked for")]
    public void What_is_not_there_is_found(string expression, string problem) => Problems(expression).Should().Contain(problem);

    [Fact]
    public void Every_alert_says_how_bad_it_is_what_it_means_and_where_its_runbook_is()
    {
        var rule = ChartCases.Render("monitoring")["PrometheusRule", "damon"];
        var alerts = ((YamlSequenceNode)rule.At("spec", "groups")!).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>().ToList();
        alerts.Select(alert => Text(alert, "alert")).Should().OnlyHaveUniqueItems().And.Equal(Alerts().Select(alert => alert.Name)).And.OnlyContain(name => name.StartsWith("Damon", StringComparison.Ordinal));
        foreach (var alert in alerts)
        {
            Text(alert, "labels", "severity").Should().BeOneOf("info", "warning", "critical");
            Text(alert, "annotations", "summary").Should().NotBeEmpty();
            Text(alert, "annotations", "description").Should().NotBeEmpty().And.NotContain("<no value>");
            Text(alert, "annotations", "runbook_url").Should().Be($"https://github.com/damon-operator/damon-operator/blob/main/docs/runbooks.md#{Text(alert, "alert").ToLowerInvariant()}");
        }

        Text(alerts.Single(alert => Text(alert, "alert") == "DamonNodeDegraded"), "annotations", "description").Should().Contain("{{ $labels.scheme }}", "that is Prometheus's to fill in");
    }

    [Fact]
    public void Dashboards_are_configmaps_that_grafana_finds_and_each_is_one_document()
    {
        var boards = ChartCases.Render("monitoring").OfKind("ConfigMap").ToList();
        boards.Should().HaveCount(RepositoryFiles.Names("charts/damon/files/dashboards").Count);
        foreach (var board in boards)
        {
            board.TextAt("metadata", "labels", "grafana_dashboard").Should().Be("1");
            board.TextAt("metadata", "annotations", "grafana_folder").Should().Be("Memory");
            var (name, json) = ((YamlMappingNode)board.At("data")!).Children.Single();
            using var parsed = JsonDocument.Parse(((YamlScalarNode)json).Value!);
            parsed.RootElement.GetProperty("uid").GetString().Should().Be(Path.GetFileNameWithoutExtension(((YamlScalarNode)name).Value));
            parsed.RootElement.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("id").GetInt32()).Should().OnlyHaveUniqueItems();
        }
    }

    [Theory]
    [InlineData("monitoring", "damon-metrics", "token")]
    [InlineData("everything", "mine", "bearer")]
    public void Who_asks_for_metrics_shows_the_token_that_operator_and_agents_have(string name, string secret, string key)
    {
        var chart = ChartCases.Render(name);
        foreach (var (kind, endpoints) in (ValueTuple<string, string>[])[("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")])
        {
            var monitor = chart.OfKind(kind).Single();
            monitor.TextAt("spec", endpoints, "0", "authorization", "credentials", "name").Should().Be(secret);
            monitor.TextAt("spec", endpoints, "0", "authorization", "credentials", "key").Should().Be(key);
            monitor.TextAt("spec", endpoints, "0", "path").Should().Be("/metrics");
        }

        foreach (var one in chart.OfKind("Deployment", "DaemonSet"))
        {
            var volume = ((YamlSequenceNode)one.At("spec", "template", "spec", "volumes")!).Single(volume => Text(volume, "name") == "metrics-token");
            (Text(volume, "secret", "secretName"), Text(volume, "secret", "items", "0", "key"), Text(volume, "secret", "items", "0", "path")).Should().Be((secret, key, "token"));
        }

        chart.OfKind("Secret").Should().HaveCount(secret == "mine" ? 0 : 1);
    }

    private static List<string> Problems(string expression)
    {
        var problems = new List<string>();
        var asked = Series().Matches(expression);
        if (asked.Count == 0)
            problems.Add("no metric of ours is asked for");
        foreach (Match series in asked)
        {
            var name = series.Groups["name"].Value;
            if (MetricReference.MetricOf(name) is not { } metric)
            {
                problems.Add($"{name} is no metric");
                continue;
            }

            var (type, labels) = MetricReference.All[metric];
            if (type == "counter" && !series.Groups["range"].Success)
                problems.Add($"{name} is a counter, and no rate or increase of it is taken");
            foreach (Match selector in Selector().Matches(series.Groups["selectors"].Value))
            {
                var label = selector.Groups["label"].Value;

                // The monitor of agents puts the node on.
                if (!labels.Contains(label) && !(label == "node" && metric.StartsWith("damon_agent_", StringComparison.Ordinal)))
                    problems.Add($"{metric} has no label {label}");
                if (Closed.TryGetValue(label, out var values))
                    problems.AddRange(selector.Groups["value"].Value.Split('|').Where(value => !value.StartsWith('$') && !values.Contains(value)).Select(value => $"{label} is never {value}"));
            }
        }

        return problems;
    }

    private static IReadOnlyList<(string Name, string Expr)> Alerts()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(RepositoryFiles.Text("charts/damon/files/alerts.yaml")));
        return [.. ((YamlSequenceNode)stream.Documents[0].RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Select(rule => (Text(rule, "alert"), Text(rule, "expr")))];
    }

    private static IEnumerable<string> Queries(string file)
    {
        using var board = JsonDocument.Parse(RepositoryFiles.Text($"charts/damon/files/dashboards/{file}"));
        return [.. board.RootElement.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!)];
    }

    private static string Text(YamlNode from, params ReadOnlySpan<string> path) => (RenderedObject.Below(from, path) as YamlScalarNode)?.Value ?? "";

    [GeneratedRegex(@"\b(?<name>damon_\w+)(?:\{(?<selectors>[^}]*)\})?(?<range>\[[^\]]+\])?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Series();

    [GeneratedRegex(@"(?<label>\w+)\s*(?:=|!=|=~|!~)\s*""(?<value>[^""]*)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Selector();
}

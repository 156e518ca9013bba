using System.Buffers;
using System.Text;
using CsCheck;
using Damon.Api.Nodes;
using Damon.Hosting.Metrics;
using Damon.NodeAgent.Metrics;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Metrics;

public class AgentMetricsTests
{
    [Fact]
    public void A_busy_node_s_page_is_as_committed() => GoldenFile.Compare("metrics.txt", Page(FakeAgentView.Busy(), podSeries: 1));

    [Fact]
    public void Every_page_keeps_to_the_format()
    {
        ExpositionCheck.Problems(Page(FakeAgentView.Busy(), podSeries: 10)).Should().BeEmpty();
        ExpositionCheck.Problems(Page(FakeAgentView.Busy() with { Schemes = [], Pods = [], Sessions = [], Rails = [] }, podSeries: 10)).Should().BeEmpty();
    }

    /// <summary>Names and reasons that no API server would admit, to the last character that can be made.</summary>
    [Fact]
    public void No_name_however_hostile_breaks_the_page() => Gen.Select(Gen.String, Gen.String, Gen.String).Sample((scheme, pod, reason) =>
    {
        var figures = FakeAgentView.Busy() with
        {
            Version = reason,
            Schemes = [Scheme(scheme, reason), Scheme(scheme + pod, pod), Scheme("\"} 1\nup 1\n# TYPE", "\\")],
            Pods = [FakeAgentView.Busy().Pods[0] with { Pod = new PodName(pod, scheme) }],
        };
        ExpositionCheck.Problems(Page(figures, podSeries: 5)).Should().BeEmpty();
    });

    [Fact]
    public void Two_values_of_the_same_labels_are_written_once()
    {
        var page = Page(FakeAgentView.Busy() with { Schemes = [Scheme("same", "A"), Scheme("same", "A")] }, podSeries: 0);
        ExpositionCheck.Problems(page).Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(300, 250)]
    public void Pods_have_series_only_where_asked_for_and_only_so_many(int podSeries, int pods)
    {
        var page = ExpositionCheck.Values(Page(FakeAgentView.Busy() with { Pods = Pods(250) }, podSeries));
        page.Keys.Count(series => series.StartsWith("damon_agent_pod_monitored_bytes", StringComparison.Ordinal)).Should().Be(pods);
        page["damon_agent_pods"].Should().Be(250);
        page["damon_agent_pods_without_series"].Should().Be(250 - pods);
    }

    [Fact]
    public void The_pods_with_the_most_memory_have_series_and_among_equals_the_first_by_name()
    {
        PodFigures[] pods = [Pod("c", 10), Pod("b", 20), Pod("a", 10), Pod("d", 5)];
        var series = ExpositionCheck.Values(Page(FakeAgentView.Busy() with { Pods = pods }, podSeries: 2)).Keys.Where(key => key.StartsWith("damon_agent_pod_working_set_bytes", StringComparison.Ordinal));
        series.Should().BeEquivalentTo("damon_agent_pod_working_set_bytes{namespace=\"n\",pod=\"b\"}", "damon_agent_pod_working_set_bytes{namespace=\"n\",pod=\"a\"}");
    }

    /// <summary>What the reference says is the bound: only schemes, of which a node has at most sixteen, and pods that were asked for add series.</summary>
    [Fact]
    public void A_full_node_without_series_of_pods_has_a_bounded_number_of_series()
    {
        var figures = FakeAgentView.Busy() with { Schemes = [.. Enumerable.Range(0, 16).Select(i => Scheme($"scheme-{i}", "Reason") with { Grants = 1, HeldContainers = 1 })], Pods = Pods(250) };
        ExpositionCheck.Values(Page(figures, podSeries: 0)).Count.Should().BeLessThan(500);
    }

    [Fact]
    public void The_buckets_and_what_was_accessed_add_up_to_what_is_watched()
    {
        var values = ExpositionCheck.Values(Page(FakeAgentView.Busy(), podSeries: 0));
        var idle = values.Where(value => value.Key.StartsWith("damon_agent_idle_bytes{", StringComparison.Ordinal)).ToList();
        idle.Select(value => value.Key).Should().Equal(new[] { "0s", "30s", "2m", "10m", "30m", "2h" }.Select(age => $"damon_agent_idle_bytes{{age=\"{age}\"}}"));
        (idle.Sum(value => value.Value) + values["damon_agent_accessed_bytes"]).Should().Be(values["damon_agent_monitored_bytes"]);
    }

    [Fact]
    public void Each_scheme_is_in_exactly_one_state()
    {
        var values = ExpositionCheck.Values(Page(FakeAgentView.Busy(), podSeries: 0));
        foreach (var scheme in FakeAgentView.Busy().Schemes)
        {
            Enum.GetValues<NodeSchemeState>().Select(state => values[$"damon_agent_scheme_state{{scheme=\"{scheme.Name}\",state=\"{state}\"}}"]).Sum().Should().Be(1);
            values[$"damon_agent_scheme_state{{scheme=\"{scheme.Name}\",state=\"{scheme.State}\"}}"].Should().Be(1);
        }
    }

    [Theory]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData("a\nb", "a\\nb")]
    [InlineData("ä{}=,", "ä{}=,")]
    public void Label_values_are_escaped(string value, string written) =>
        Page(FakeAgentView.Busy() with { Version = value }, podSeries: 0).Should().Contain($"damon_agent_build_info{{version=\"{written}\",");

    /// <summary>Not as a case of the table: an attribute cannot hold it.</summary>
    [Fact]
    public void Half_a_character_becomes_the_replacement_character() =>
        Page(FakeAgentView.Busy() with { Version = "\ud800" }, podSeries: 0).Should().Contain("damon_agent_build_info{version=\"\ufffd\",");

    [Fact]
    public void A_label_too_few_is_a_bug_that_shows()
    {
        var family = new Damon.NodeAgent.Metrics.MetricFamily("damon_agent_x", MetricType.Gauge, "X.", ["a"], static (to, _) => to.Add(1));
        FluentActions.Invoking(() => new MetricSamples(new ArrayBufferWriter<byte>()).Write(family, FakeAgentView.Busy())).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1E+300")]
    public void Numbers_are_written_as_the_format_has_them(double value, string written)
    {
        var to = new ArrayBufferWriter<byte>();
        new MetricSamples(to).Write(new Damon.NodeAgent.Metrics.MetricFamily("damon_agent_x", MetricType.Gauge, "X.", [], (samples, _) => samples.Add(value)), FakeAgentView.Busy());
        Encoding.UTF8.GetString(to.WrittenSpan).Should().EndWith($"\ndamon_agent_x {written}\n");
    }

    /// <summary>The reference lists every metric with its type, labels and help, and no other.</summary>
    [Fact]
    public void The_reference_says_what_the_agent_writes()
    {
        var rows = RepositoryFiles.Text("docs/reference/agent-metrics.md").Split('\n').Where(line => line.StartsWith("| `damon_agent_", StringComparison.Ordinal));
        rows.Should().Equal(AgentMetrics.Families.Select(family =>
            $"| `{family.Name}` | {family.Type.ToString().ToLowerInvariant()} | {string.Join(", ", family.Labels.Select(label => $"`{label}`"))}{(family.Labels.Count > 0 ? " " : "")}| {family.Help} |"));
    }

    private static PodFigures[] Pods(int count) => [.. Enumerable.Range(0, count).Select(i => Pod($"p{i:000}", (ulong)i))];

    private static PodFigures Pod(string name, ulong mib) => new() { Pod = new PodName("n", name), Uid = name, Memory = FakeAgentView.Histogram(mib, 0, 0, 0, 0, 0, 0) };

    private static SchemeFigures Scheme(string name, string reason) => new() { Name = name, State = NodeSchemeState.Backoff, Reason = reason };

    private static string Page(AgentFigures figures, int podSeries)
    {
        var to = new ArrayBufferWriter<byte>();
        new AgentMetrics(podSeries).Write(to, figures);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }
}

using System.Buffers;
using System.Text;
using CsCheck;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Queues;
using Damon.Kubernetes.Requests;
using Damon.Operator.Metrics;
using Damon.Operator.Model;
using Damon.Operator.Rollouts;
using Damon.Operator.Statuses;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.Operator.Tests.Metrics;

public class OperatorMetricsTests
{
    private const string Prefix = "damon_operator_";

    [Fact]
    public void Every_page_keeps_to_the_format_and_every_metric_has_a_value_where_it_leads()
    {
        var page = Page(Busy());
        ExpositionCheck.Problems(page, Prefix).Should().BeEmpty();
        foreach (var family in OperatorMetrics.Families)
            page.Should().Contain($"# TYPE {family.Name} ");
    }

    [Fact]
    public void A_standby_tells_itself_and_nothing_of_the_cluster()
    {
        var page = Page(Busy() with { IsLeader = false, Queues = [], Informers = [], Cluster = null });
        ExpositionCheck.Problems(page, Prefix).Should().BeEmpty();
        ExpositionCheck.Values(page)["damon_operator_leader"].Should().Be(0);
        page.Should().NotContain("damon_operator_nodes").And.NotContain("damon_operator_queue_depth").And.NotContain("damon_operator_scheme_nodes");
    }

    /// <summary>Names that no API server would admit, to the last character that can be made.</summary>
    [Fact]
    public void No_name_however_hostile_breaks_the_page() => Gen.Select(Gen.String, Gen.String).Sample((name, other) =>
        ExpositionCheck.Problems(Page(Busy() with { Cluster = new ClusterFigures(1, [Scheme(name), Scheme(other), Scheme("\"} 1\nup 1\n# TYPE")]) }), Prefix).Should().BeEmpty());

    [Fact]
    public void A_thousand_schemes_have_series_for_two_hundred_and_the_rest_is_counted()
    {
        var page = Page(Busy() with { Cluster = new ClusterFigures(5000, [.. Enumerable.Range(0, 1000).Reverse().Select(number => Scheme($"s{number:0000}"))]) });
        var values = ExpositionCheck.Values(page);
        values["damon_operator_schemes"].Should().Be(1000);
        values["damon_operator_schemes_without_series"].Should().Be(800);
        values.Should().ContainKey("damon_operator_rollout_step{scheme=\"s0199\"}").And.NotContainKey("damon_operator_rollout_step{scheme=\"s0200\"}");
        values.Count.Should().BeLessThan(5_000);
    }

    [Fact]
    public void The_states_of_a_scheme_s_nodes_add_up_to_those_it_is_for()
    {
        var counts = new NodeCounts { Pending = 1, Paused = 2, Observing = 3, Active = 4, Backoff = 5, Stopped = 6, Degraded = 7, Unsupported = 8, Unreachable = 9 };
        var values = ExpositionCheck.Values(Page(Busy() with { Cluster = new ClusterFigures(50, [Scheme("s") with { Nodes = counts }]) }));
        values.Where(value => value.Key.StartsWith("damon_operator_scheme_nodes{", StringComparison.Ordinal)).Sum(value => value.Value).Should().Be(counts.Matched);
    }

    /// <summary>The reference lists every metric with its type, labels and help, and no other.</summary>
    [Fact]
    public void The_reference_says_what_the_operator_writes()
    {
        var rows = RepositoryFiles.Text("docs/reference/operator-metrics.md").Split('\n').Where(line => line.StartsWith("| `damon_operator_", StringComparison.Ordinal));
        rows.Should().Equal(OperatorMetrics.Families.Select(family =>
            $"| `{family.Name}` | {family.Type.ToString().ToLowerInvariant()} | {string.Join(", ", family.Labels.Select(label => $"`{label}`"))}{(family.Labels.Count > 0 ? " " : "")}| {family.Help} |"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1.5, 1)]
    [InlineData(30_000, 13)]
    [InlineData(30_001, 14)]
    public void A_time_is_in_the_first_bucket_that_it_does_not_exceed(double milliseconds, int bucket)
    {
        var histogram = new DurationHistogram();
        histogram.Add(TimeSpan.FromMilliseconds(milliseconds));
        histogram.Read().Counts[bucket].Should().Be(1);
        histogram.Read().Counts.Sum().Should().Be(1);
    }

    [Fact]
    public void A_key_that_fails_is_told_once_and_again_when_it_is_well_and_many_are_told_as_many()
    {
        var (warnings, infos) = (new List<string>(), new List<string>());
        var meter = new ControllerMeter("node", warnings.Add, infos.Add, static (_, _) => { });
        for (var attempt = 0; attempt < 3; attempt++)
            meter.Reconciled("a", ReconcileResult.Failed("The plan of the node a could not be written"), TimeSpan.Zero, exception: null);
        warnings.Should().ContainSingle().Which.Should().Contain("the node a");
        meter.Reconciled("a", ReconcileResult.Done, TimeSpan.Zero, exception: null);
        infos.Should().ContainSingle();

        for (var key = 0; key < 5000; key++)
            meter.Reconciled($"n{key}", ReconcileResult.Failed("Not now"), TimeSpan.Zero, exception: null);
        warnings.Count.Should().Be(1 + ControllerMeter.MostTold + 1);
        for (var key = 0; key < 5000; key++)
            meter.Reconciled($"n{key}", ReconcileResult.Done, TimeSpan.Zero, exception: null);
        infos.Should().HaveCount(2);
        (meter.Failed, meter.Succeeded, meter.Thrown).Should().Be((5003L, 5001L, 0L));
    }

    private static OperatorFigures Busy()
    {
        var meter = new OperatorMeter(new JsonLog(TextWriter.Null, new FakeTimeProvider()));
        meter.Nodes.Reconciled("n", ReconcileResult.Done, TimeSpan.FromMilliseconds(3), exception: null);
        meter.Written("damonnodes", 1000, failure: null);
        meter.Written("damonnodes", 1000, new ApiFailure(ApiFailureKind.Throttled, 429, ""));
        return new OperatorFigures
        {
            Version = "1.2.3",
            StartedAt = DateTimeOffset.UnixEpoch,
            IsLeader = true,
            Terms = 2,
            Controllers = meter.Controllers,
            Writes = meter.Writes,
            Queues = [new QueueFigures("node", new WorkQueueState(1, 2, 3, 4)), new QueueFigures("scheme", default)],
            Informers = [new InformerFigures("damonnodes", new InformerHealth(InformerPhase.Watching, true, null, TimeSpan.FromSeconds(3), null, 0, 1, 2, new Dictionary<Damon.Kubernetes.Objects.ObjectKey, string>()), 5000)],
            Cluster = new ClusterFigures(5000, [Scheme("cold"), Scheme("hot") with { Phase = null }]),
        };
    }

    private static SchemeFigures Scheme(string name) => new(name, new NodeCounts { Active = 3, Updated = 3 }, RolloutPhase.Stepping, 2);

    private static string Page(OperatorFigures figures)
    {
        var to = new ArrayBufferWriter<byte>();
        OperatorMetrics.Write(to, figures);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }
}

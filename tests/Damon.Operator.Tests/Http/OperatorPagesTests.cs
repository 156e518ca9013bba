using System.Text;
using Damon.Hosting.Http;
using Damon.Operator.Http;
using Damon.Operator.Tests.Cluster;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Http;

public class OperatorPagesTests
{
    [Fact]
    public void Ready_is_a_leader_that_knows_the_cluster_and_a_standby_that_reads_the_lease() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(3).StartAgents();
        bench.Faults = static request => request.Plural == "pods" ? FakeFault.Answers(403, "Forbidden") : null;
        var a = bench.Start();
        var pages = new OperatorPages(a.View, a.Clock);
        Says(pages, OperatorApi.ReadinessPath).Should().Be((503, "the API server has not answered about the lease yet"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        Says(pages, OperatorApi.ReadinessPath).Should().Match<(int Status, string Line)>(said => said.Status == 503 && said.Line.StartsWith("pods have not been listed yet: Forbidden", StringComparison.Ordinal));
        Says(pages, OperatorApi.HealthPath).Should().Be((200, "ok"));
        bench.Faults = static _ => null;
        await bench.UntilAsync(() => Says(pages, OperatorApi.ReadinessPath) == (200, "ok: leads"), TimeSpan.FromMinutes(1), "readiness");

        var b = bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        Says(new OperatorPages(b.View, b.Clock), OperatorApi.ReadinessPath).Should().Be((200, "ok: stands by, a leads"));
    });

    [Fact]
    public void A_server_that_has_not_answered_for_a_minute_makes_it_unready_and_not_unhealthy() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, nodes: 3);
        var pages = new OperatorPages(a.View, a.Clock);
        bench.Faults = static _ => FakeFault.Unreachable;
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromSeconds(50));
        Says(pages, OperatorApi.ReadinessPath).Status.Should().Be(200);
        await bench.Loop.Pass(TimeSpan.FromSeconds(30));
        Says(pages, OperatorApi.ReadinessPath).Status.Should().Be(503);
        Says(pages, OperatorApi.HealthPath).Status.Should().Be(200, "a restart would not bring the server back");
        bench.Faults = static _ => null;
        await bench.UntilAsync(() => Says(pages, OperatorApi.ReadinessPath).Status == 200, TimeSpan.FromMinutes(2), "readiness");
    });

    [Fact]
    public void A_resource_that_cannot_be_followed_is_named_after_a_minute() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, nodes: 3);
        var pages = new OperatorPages(a.View, a.Clock);
        bench.Faults = static request => request.Plural == "damonnodes" && !request.IsWrite ? FakeFault.Answers(500, "InternalError") : null;
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromSeconds(90));
        var (status, line) = Says(pages, OperatorApi.ReadinessPath);
        (status, line[..19]).Should().Be((503, "damonnodes have not"));
        a.Log.Should().Contain("damonnodes cannot be followed");
    });

    [Fact]
    public void A_process_whose_threads_do_not_come_to_their_turn_is_unhealthy() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, nodes: 3);
        var pages = new OperatorPages(a.View, a.Clock);
        a.Stop();
        await bench.Loop.Pass(TimeSpan.FromSeconds(59));
        Says(pages, OperatorApi.HealthPath).Status.Should().Be(200);
        await bench.Loop.Pass(TimeSpan.FromSeconds(3));
        Says(pages, OperatorApi.HealthPath).Status.Should().Be(503);
        Says(pages, OperatorApi.ReadinessPath).Status.Should().Be(503);
        a.Resume();
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        Says(pages, OperatorApi.HealthPath).Status.Should().Be(200);
    });

    [Fact]
    public void Metrics_are_those_of_the_cluster_and_made_once_a_second() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, nodes: 7);
        await bench.Loop.Pass(TimeSpan.FromSeconds(30));
        var pages = new OperatorPages(a.View, a.Clock);
        var page = Text(pages.Get(OperatorApi.MetricsPath));
        ExpositionCheck.Problems(page, "damon_operator_").Should().BeEmpty();
        var values = ExpositionCheck.Values(page);
        (values["damon_operator_leader"], values["damon_operator_nodes"], values["damon_operator_schemes"]).Should().Be((1, 7, 2));
        values["damon_operator_scheme_nodes{scheme=\"cold\",state=\"Observing\"}"].Should().Be(7);
        values["damon_operator_scheme_nodes{scheme=\"acting\",state=\"Active\"}"].Should().Be(7);
        values["damon_operator_rollout_phase{scheme=\"acting\",phase=\"Done\"}"].Should().Be(1);
        values["damon_operator_informer_objects{resource=\"damonnodes\"}"].Should().Be(7);
        values["damon_operator_writes_total{resource=\"damonnodes\",result=\"Succeeded\"}"].Should().BeGreaterThanOrEqualTo(7);
        values["damon_operator_reconciles_total{controller=\"node\",result=\"Thrown\"}"].Should().Be(0);
        values["damon_operator_events_total{result=\"Written\"}"].Should().BeGreaterThan(0);

        pages.Get(OperatorApi.MetricsPath).Should().BeSameAs(pages.Get(OperatorApi.MetricsPath));
        var before = pages.Get(OperatorApi.MetricsPath);
        await bench.Loop.Pass(TimeSpan.FromSeconds(2));
        pages.Get(OperatorApi.MetricsPath).Should().NotBeSameAs(before);
    });

    [Fact]
    public void Counters_go_on_over_terms() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, nodes: 3);
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        var before = a.View.Figures();
        bench.Faults = static request => request.Plural == "leases" ? FakeFault.Unreachable : null;
        await bench.UntilAsync(() => a.View.Term is null, TimeSpan.FromMinutes(1), "the end of the term");
        var between = a.View.Figures();
        (between.IsLeader, between.Cluster, between.Queues.Count).Should().Be((false, null, 0));
        between.Events.Written.Should().BeGreaterThanOrEqualTo(before.Events.Written);
        between.Writes.Sum(write => write.Requests).Should().BeGreaterThanOrEqualTo(before.Writes.Sum(write => write.Requests));
        bench.Faults = static _ => null;
        await bench.UntilAsync(() => a.View.Term is { IsSettled: true }, TimeSpan.FromMinutes(1), "the next term");
        a.View.Figures().Terms.Should().Be(2);
    });

    [Theory]
    [InlineData("/")]
    [InlineData("/metrics/")]
    [InlineData("/metrics?x=1")]
    [InlineData("/%6detrics")]
    public void Any_other_path_is_not_found(string target) => OperatorBench.Run(async bench =>
    {
        var a = bench.Start();
        new OperatorPages(a.View, a.Clock).Get(target).Status.Should().Be(404);
        await bench.Loop.Pass(TimeSpan.Zero);
    });

    [Theory]
    [InlineData("/healthz", true)]
    [InlineData("/readyz", true)]
    [InlineData("/metrics", false)]
    [InlineData("/nowhere", false)]
    public void Only_what_a_kubelet_asks_is_for_everybody(string target, bool isForEverybody) => OperatorBench.Run(async bench =>
    {
        var a = bench.Start();
        new OperatorPages(a.View, a.Clock).IsForEverybody(target).Should().Be(isForEverybody);
        await bench.Loop.Pass(TimeSpan.Zero);
    });

    private static (int Status, string Line) Says(OperatorPages pages, string target) => (pages.Get(target).Status, Text(pages.Get(target)).TrimEnd('\n'));

    private static string Text(Page page) => Encoding.UTF8.GetString(page.Body.Span);
}

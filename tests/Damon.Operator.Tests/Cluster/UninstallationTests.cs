using System.Text.Json;
using System.Text.Json.Nodes;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Requests;
using Damon.Operator.Hosting;
using Damon.Operator.Installations;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>What the chart runs before it is uninstalled, beside an operator that is still there.</summary>
public class UninstallationTests
{
    private const string Name = OperatorBench.Uninstall;

    [Fact]
    public void The_cluster_is_off_nodes_have_said_so_and_no_scheme_keeps_the_finalizer() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, nodes: 3);
        bench.PutScheme("second");
        await bench.UntilAsync(() => HasFinalizer(bench, "second"), TimeSpan.FromSeconds(30), "the finalizer");
        var from = bench.Loop.Elapsed;

        var lines = await RunAsync(bench, TimeSpan.FromSeconds(60));

        (bench.Loop.Elapsed - from).Should().BeLessThan(TimeSpan.FromSeconds(30), "nodes that answer are not waited for any longer");
        Mode(bench).Should().Be("Off");
        bench.Config()!["metadata"]!["annotations"]!["damon.dev/off-by"]!.GetValue<string>().Should().Be("uninstall");
        bench.Server.Objects(bench.DamonNodes).Should().OnlyContain(node => node["spec"]!["mode"]!.GetValue<string>() == "Off" && Observed(node) == Generation(node));
        bench.Server.Objects(FakeKind.DamonSchemes).Should().HaveCount(3).And.OnlyContain(scheme => Finalizers(scheme).Count == 0);
        lines.Should().Contain(line => line.Contains("All of 3 nodes"));

        // The operator is still there for a while, and puts nothing back.
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Server.Objects(FakeKind.DamonSchemes).Should().OnlyContain(scheme => Finalizers(scheme).Count == 0);
        Mode(bench).Should().Be("Off");
    });

    [Fact]
    public void A_scheme_that_waits_for_its_deletion_goes_and_others_finalizers_stay() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, nodes: 2);
        bench.PutScheme("theirs", metadata: "\"finalizers\":[\"example.com/keep\"]");
        bench.PutScheme("going");
        await bench.UntilAsync(() => HasFinalizer(bench, "going") && HasFinalizer(bench, "theirs"), TimeSpan.FromSeconds(30), "the finalizers");
        await bench.UntilAsync(() => bench.Ready("going") == "True", TimeSpan.FromMinutes(2), "what is to be undone");
        bench.Agents.Silent.UnionWith(["n0000", "n0001"]);
        bench.Server.Delete(FakeKind.DamonSchemes, "", "going");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        bench.Scheme("going").Should().NotBeNull("its nodes have not undone it");

        await RunAsync(bench, TimeSpan.FromSeconds(10));

        bench.Scheme("going").Should().BeNull();
        Finalizers(bench.Scheme("theirs")!).Should().Equal("example.com/keep");
    });

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public void Nodes_that_do_not_answer_are_waited_for_no_longer_than_was_said(int seconds) => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, nodes: 3);
        bench.Agents.Silent.Add("n0001");
        var from = bench.Loop.Elapsed;
        var lines = await RunAsync(bench, TimeSpan.FromSeconds(seconds));
        (bench.Loop.Elapsed - from).Should().BeGreaterThan(TimeSpan.FromSeconds(seconds - 4)).And.BeLessThan(TimeSpan.FromSeconds(seconds + 10));
        lines.Should().Contain(line => line.Contains("1 of 3 nodes have not said yet that they are Off: n0001."));
        bench.Server.Objects(FakeKind.DamonSchemes).Should().OnlyContain(scheme => Finalizers(scheme).Count == 0);
    });

    [Fact]
    public void A_node_that_never_had_an_agent_is_not_waited_for() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(2);
        bench.Start();
        await bench.UntilAsync(() => bench.DamonNode("n0001") is not null && bench.Config() is not null, TimeSpan.FromSeconds(30), "the plans");
        (await RunAsync(bench, TimeSpan.FromSeconds(60))).Should().Contain(line => line.Contains("All of 2 nodes"));
        Mode(bench).Should().Be("Off");
    });

    [Theory]
    [InlineData("", false)]
    [InlineData("\"damon.dev/off-by\":\"ops\"", false)]
    [InlineData("\"damon.dev/off-by\":\"uninstall\"", true)]
    public void An_off_that_is_there_is_left_as_it_is(string annotation, bool isByUninstall) => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Off", annotation);
        var before = bench.Config()!.ToJsonString();
        bench.WithNodes(1).StartAgents();
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromSeconds(20));
        var lines = await RunAsync(bench, TimeSpan.FromSeconds(60));
        bench.Config()!.ToJsonString().Should().Be(before);
        lines.Should().Contain(line => line.Contains(isByUninstall ? "by an uninstallation" : "by an admin"));
    });

    [Fact]
    public void Where_there_is_no_configuration_one_that_is_off_is_made() => OperatorBench.Run(async bench =>
    {
        bench.PutScheme("cold", metadata: "\"finalizers\":[\"damon.dev/undo\"]");
        await RunAsync(bench, TimeSpan.FromSeconds(60));
        Mode(bench).Should().Be("Off");
        bench.Config()!["metadata"]!["annotations"]!["damon.dev/off-by"]!.GetValue<string>().Should().Be("uninstall");
        Finalizers(bench.Scheme("cold")!).Should().BeEmpty();
    });

    [Fact]
    public void The_next_installation_lifts_that_off_and_puts_the_finalizer_on_again() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, nodes: 2);
        bench.PutScheme("cold-too");
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        await RunAsync(bench, TimeSpan.FromSeconds(30));
        await bench.EndAllAsync();
        bench.Start("next");
        await bench.Loop.Pass(TimeSpan.FromSeconds(60));
        HasFinalizer(bench, "cold-too").Should().BeFalse("it is Off by an uninstallation still");
        await bench.UntilAsync(() => Mode(bench) == "Enforce" && HasFinalizer(bench, "cold-too"), TimeSpan.FromMinutes(3), "the mode of the flags, and the finalizer");
    });

    [Theory]
    [InlineData("damonclusterconfigs", 403)]
    [InlineData("damonnodes", 403)]
    [InlineData("damonschemes", 403)]
    [InlineData("damonclusterconfigs", 500)]
    [InlineData("damonnodes", 500)]
    [InlineData("damonschemes", 500)]
    public void What_the_server_refuses_is_told_and_the_rest_is_done(string plural, int status) => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Enforce");
        bench.PutScheme("cold", metadata: "\"finalizers\":[\"damon.dev/undo\"]");
        bench.Faults = request => request.Authorization == Name && request.Plural == plural ? FakeFault.Answers(status, status == 403 ? "Forbidden" : "InternalError") : null;
        var from = bench.Loop.Elapsed;
        var lines = await RunAsync(bench, TimeSpan.FromSeconds(20));
        (bench.Loop.Elapsed - from).Should().BeLessThan(TimeSpan.FromSeconds(20) + Uninstallation.StripGrace + TimeSpan.FromSeconds(5));
        lines.Should().Contain(line => line.Contains("\"warn\""));
        Mode(bench).Should().Be(plural == "damonclusterconfigs" ? "Enforce" : "Off");
        Finalizers(bench.Scheme("cold")!).Should().HaveCount(plural == "damonschemes" ? 1 : 0);
    });

    [Fact]
    public void Where_the_kinds_are_gone_it_ends_at_once() => OperatorBench.Run(async bench =>
    {
        foreach (var kind in (FakeKind[])[FakeKind.DamonClusterConfigs, FakeKind.DamonNodes, FakeKind.DamonSchemes])
            bench.Server.RemoveKind(kind);
        var from = bench.Loop.Elapsed;
        await RunAsync(bench, TimeSpan.FromSeconds(60));
        (bench.Loop.Elapsed - from).Should().BeLessThan(TimeSpan.FromSeconds(5));
    });

    [Fact]
    public void There_is_no_right_that_it_does_not_need()
    {
        var rules = RbacRules.Read("deploy/rbac/uninstall.yaml");
        foreach (var hasConfig in (bool[])[true, false])
        {
            OperatorBench.Run(async bench =>
            {
                if (hasConfig)
                    bench.PutConfig("Enforce");
                bench.PutScheme("cold", metadata: "\"finalizers\":[\"damon.dev/undo\"]");
                await RunAsync(bench, TimeSpan.FromSeconds(10));
                foreach (var request in bench.Server.Requests.Where(request => request.Authorization == Name))
                    rules.Allows(request).Should().BeTrue();
            });
        }

        rules.Unused.Should().BeEmpty();
    }

    [Theory]
    [InlineData(FakeVerb.Patch, "damonclusterconfigs", "", "other")]
    [InlineData(FakeVerb.Delete, "damonschemes", "", "cold")]
    [InlineData(FakeVerb.Patch, "damonnodes", "", "n1")]
    [InlineData(FakeVerb.Patch, "damonnodes", "status", "n1")]
    public void What_it_does_not_do_is_not_allowed(FakeVerb verb, string plural, string subresource, string name) =>
        RbacRules.Read("deploy/rbac/uninstall.yaml").Allows(new FakeRequest(verb, plural, name, subresource, new Dictionary<string, string>(), TimeSpan.Zero, null) { Group = "damon.dev" }).Should().BeFalse();

    [Fact]
    public void Uninstalling_takes_less_than_an_operator_waits_before_it_lifts_an_off() =>
        (Uninstallation.MaxPatience + Uninstallation.StripGrace).Should().BeLessThan(Damon.Operator.Controllers.UninstallWatch.Grace);

    internal static async Task<IReadOnlyList<string>> RunAsync(OperatorBench bench, TimeSpan timeout)
    {
        using var log = new StringWriter();
        var client = new ApiClient(
            new ApiConnection(new Uri("http://fake.test"), new HttpMessageInvoker(bench.Server, disposeHandler: false), new NamedCredentials(Name)), new ApiClientOptions(), bench.Loop);
        (await InstallationVerbs.UninstallAsync(client, new VerbOptions { Timeout = timeout }, new JsonLog(log, bench.Loop), bench.Loop, CancellationToken.None)).Should().Be(OperatorExitCode.Ok);
        string[] lines = log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().OnlyContain(line => JsonDocument.Parse(line, default).RootElement.GetProperty("level").GetString() != "error");
        return lines;
    }

    private static string Mode(OperatorBench bench) => bench.Config()!["spec"]!["mode"]!.GetValue<string>();

    private static bool HasFinalizer(OperatorBench bench, string scheme) => Finalizers(bench.Scheme(scheme)!).Contains("damon.dev/undo");

    private static IReadOnlyList<string> Finalizers(JsonObject scheme) => [.. (scheme["metadata"]!["finalizers"] as JsonArray ?? []).Select(one => one!.GetValue<string>())];

    private static long Generation(JsonObject node) => node["metadata"]!["generation"]!.GetValue<int>();

    private static long Observed(JsonObject node) => node["status"]?["observedGeneration"]?.GetValue<long>() ?? 0;
}

using Damon.Hosting.Processes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Requests;
using Damon.Operator.Hosting;
using Damon.Operator.Installations;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>An installation works when the kinds are served, an operator leads, there is a configuration and an agent answers; what is lacking is named.</summary>
public class InstallationCheckTests
{
    [Fact]
    public void One_that_is_only_just_started_is_waited_for()
    {
        var rules = RbacRules.Read("deploy/rbac/check.yaml");
        OperatorBench.Run(async bench =>
        {
            bench.WithNodes(3).StartAgents();
            var checking = RunAsync(bench, TimeSpan.FromSeconds(60));
            await bench.Loop.Pass(TimeSpan.FromSeconds(5));
            bench.Start();
            var (exitCode, log) = await checking;
            exitCode.Should().Be(OperatorExitCode.Ok, log);
            log.Should().Contain("The installation works.").And.Contain("of 3 nodes have taken their plans up");
            foreach (var request in bench.Server.Requests.Where(request => request.Authorization == OperatorBench.Check))
                rules.Allows(request).Should().BeTrue();
        });
        rules.Unused.Should().BeEmpty("there is no right that it does not need");
    }

    [Fact]
    public void Without_an_operator_nobody_leads() => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Observe");
        (await LacksAsync(bench)).Should().Contain("no operator leads").And.Contain("no node has a plan");
    });

    [Fact]
    public void A_lease_that_nobody_renews_any_more_is_no_leader() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(2).StartAgents();
        var operators = bench.Start();
        await bench.UntilAsync(() => bench.Holder().Length > 0 && bench.Config() is not null, TimeSpan.FromSeconds(30), "a leader");
        operators.Kill();
        (await LacksAsync(bench)).Should().Contain("has not renewed the lease damon-system/damon-operator");
    });

    [Fact]
    public void Plans_that_nobody_takes_up_are_no_installation() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(2);
        bench.Start();
        (await LacksAsync(bench)).Should().Contain("none of 2 nodes has taken its plan up").And.NotContain("no operator leads");
    });

    [Fact]
    public void Kinds_that_are_not_served_are_named() => OperatorBench.Run(async bench =>
    {
        bench.Server.RemoveKind(FakeKind.DamonSchemes);
        bench.Server.RemoveKind(FakeKind.DamonClusterConfigs);
        (await LacksAsync(bench)).Should().Contain("DamonSchemes are not served").And.Contain("the cluster has no configuration");
    });

    [Theory]
    [InlineData(FakeVerb.Update, "coordination.k8s.io", "leases", "damon-operator")]
    [InlineData(FakeVerb.Get, "coordination.k8s.io", "leases", "other")]
    [InlineData(FakeVerb.Patch, "damon.dev", "damonclusterconfigs", "cluster")]
    public void What_it_does_not_do_is_not_allowed(FakeVerb verb, string group, string plural, string name) =>
        RbacRules.Read("deploy/rbac/check.yaml")
            .Allows(new FakeRequest(verb, plural, name, "", new Dictionary<string, string>(), TimeSpan.Zero, null) { Group = group, Namespace = "damon-system" }).Should().BeFalse();

    private static async Task<string> LacksAsync(OperatorBench bench)
    {
        var (exitCode, log) = await RunAsync(bench, TimeSpan.FromSeconds(30));
        exitCode.Should().Be(OperatorExitCode.Failed);
        return log;
    }

    private static async Task<(int ExitCode, string Log)> RunAsync(OperatorBench bench, TimeSpan timeout)
    {
        using var log = new StringWriter();
        var client = new ApiClient(
            new ApiConnection(new Uri("http://fake.test"), new HttpMessageInvoker(bench.Server, disposeHandler: false), new NamedCredentials(OperatorBench.Check)), new ApiClientOptions(), bench.Loop);
        var options = new VerbOptions { Namespace = OperatorBench.Namespace, Timeout = timeout };
        var exitCode = await InstallationVerbs.CheckAsync(client, options, new JsonLog(log, bench.Loop), bench.Loop, CancellationToken.None);
        return (exitCode, log.ToString());
    }
}

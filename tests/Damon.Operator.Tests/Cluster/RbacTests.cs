using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>The roles in deploy/rbac allow what the operator does, which every test of a cluster holds, and nothing else.</summary>
public class RbacTests
{
    [Fact]
    public void There_is_no_right_that_a_full_life_does_not_need()
    {
        var rules = RbacRules.Read("deploy/rbac/operator.yaml");
        OperatorBench.Run(async bench =>
        {
            // Installed after an uninstallation, and on a cluster without a configuration; leads, hands over, and its events are counted up.
            bench.PutConfig("Off", "\"damon.dev/off-by\":\"uninstall\"");
            bench.WithNodes(5).StartAgents();
            bench.PutScheme("cold");
            var a = bench.Start();
            await bench.Loop.Pass(TimeSpan.FromMinutes(5));
            bench.Server.Delete(FakeKind.DamonClusterConfigs, "", "cluster");
            await bench.Loop.Pass(TimeSpan.FromMinutes(1));

            // A DamonNode whose Node is another one by now.
            bench.Server.Delete(FakeKind.Nodes, "", "n0004");

            // A plan whose owner somebody took away: no garbage collector would find it.
            bench.Server.Put(bench.DamonNodes, """{"metadata":{"name":"gone"},"spec":{"mode":"Observe","schemes":[]}}""");
            await bench.Loop.Pass(TimeSpan.FromMinutes(1));

            // The same event again within minutes: a series.
            for (var change = 0; change < 4; change++)
            {
                bench.PutNode("n0001", isReady: change % 2 == 1);
                bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, $"{change + 1}Mi"));
                await bench.Loop.Pass(TimeSpan.FromMinutes(1));
            }

            bench.Server.Delete(FakeKind.DamonSchemes, "", "cold");
            await bench.Loop.Pass(TimeSpan.FromMinutes(15));
            await a.EndAsync();
            foreach (var request in bench.Requests)
                rules.Allows(request).Should().BeTrue();
        });
        rules.Unused.Should().BeEmpty();
    }

    [Theory]
    [InlineData(FakeVerb.Update, "damon.dev", "damonnodes", "", "n1", "")]
    [InlineData(FakeVerb.Patch, "damon.dev", "damonnodes", "status", "n1", "")]
    [InlineData(FakeVerb.Patch, "damon.dev", "damonclusterconfigs", "", "other", "")]
    [InlineData(FakeVerb.Delete, "damon.dev", "damonschemes", "", "s", "")]
    [InlineData(FakeVerb.Delete, "", "nodes", "", "n1", "")]
    [InlineData(FakeVerb.List, "", "pods", "", "", "kube-system")]
    [InlineData(FakeVerb.List, "", "secrets", "", "", "damon-system")]
    [InlineData(FakeVerb.Update, "coordination.k8s.io", "leases", "", "other", "damon-system")]
    [InlineData(FakeVerb.Get, "coordination.k8s.io", "leases", "", "damon-operator", "kube-system")]
    [InlineData(FakeVerb.List, "apiextensions.k8s.io", "customresourcedefinitions", "", "", "")]
    public void What_it_does_not_do_is_not_allowed(FakeVerb verb, string group, string plural, string subresource, string name, string ns) =>
        RbacRules.Read("deploy/rbac/operator.yaml").Allows(new FakeRequest(verb, plural, name, subresource, new Dictionary<string, string>(), TimeSpan.Zero, null) { Group = group, Namespace = ns }).Should().BeFalse();
}

using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>From a scheme to every node and back into its status, with and without an API server that works.</summary>
public class ConvergenceTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_cluster_without_anything_gets_a_configuration_and_a_plan_for_each_node() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(20).StartAgents();
        bench.Start();
        await bench.UntilAsync(() => bench.Server.Objects(bench.DamonNodes).Count == 20, Soon, "a plan for each node");
        bench.Config()!["spec"]!["mode"]!.GetValue<string>().Should().Be("Enforce");
        var node = bench.DamonNode("n0007")!;
        var owner = node["metadata"]!["ownerReferences"]!.AsArray().Single()!;
        (owner["kind"]!.GetValue<string>(), owner["name"]!.GetValue<string>(), owner["apiVersion"]!.GetValue<string>()).Should().Be(("Node", "n0007", "v1"));
        owner["uid"]!.GetValue<string>().Should().Be(bench.Server.Objects(FakeKind.Nodes).Single(found => found["metadata"]!["name"]!.GetValue<string>() == "n0007")["metadata"]!["uid"]!.GetValue<string>());
    });

    [Fact]
    public void A_scheme_reaches_every_node_and_its_status_says_so() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(20).StartAgents();
        bench.PutScheme("cold");
        bench.PutScheme("acting", Specs.Enforce);
        bench.Start();
        await bench.UntilAsync(() => IsThrough(bench, "cold", 20) && IsThrough(bench, "acting", 20), TimeSpan.FromMinutes(2), "both schemes");
        bench.Hashes("cold").Should().HaveCount(20);
        bench.Hashes("cold").Values.Distinct().Should().ContainSingle();
        (bench.Count("cold", "observing"), bench.Count("cold", "updated")).Should().Be((20, 20));
        (bench.Count("acting", "active"), bench.Count("acting", "updated")).Should().Be((20, 20));
        bench.Scheme("cold")!["metadata"]!["finalizers"]!.AsArray().Single()!.GetValue<string>().Should().Be("damon.dev/undo");
    });

    /// <summary>Of an hour in which nothing happens nothing is heard but the lease, and watches that are opened again.</summary>
    [Fact]
    public void Where_nothing_changes_nothing_is_written_and_nothing_is_listed() => OperatorBench.Run(async bench =>
    {
        await SettledAsync(bench, nodes: 50);
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        var from = bench.Loop.Elapsed;
        await bench.Loop.Pass(TimeSpan.FromHours(1));
        bench.Writes.Where(request => request.At >= from).Should().BeEmpty();
        bench.Requests.Where(request => request.At >= from && request.Verb == FakeVerb.List).Should().BeEmpty();
        bench.Requests.Count(request => request.At >= from && request.Plural != "leases").Should().BeLessThan(8 * 13, "eight watches of five to ten minutes");
    });

    [Fact]
    public void Heartbeats_of_kubelets_cause_no_write() => OperatorBench.Run(async bench =>
    {
        await SettledAsync(bench, nodes: 20);
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        var from = bench.Loop.Elapsed;
        for (var beat = 0; beat < 20; beat++)
        {
            for (var node = 0; node < 20; node++)
                bench.PutNode($"n{node:0000}", isReady: true);
            await bench.Loop.Pass(TimeSpan.FromSeconds(30));
        }

        bench.Writes.Where(request => request.At >= from).Should().BeEmpty();
    });

    [Fact]
    public void A_change_that_nodes_carry_out_is_one_write_a_node_and_one_that_they_do_not_is_none() => OperatorBench.Run(async bench =>
    {
        await SettledAsync(bench, nodes: 30);
        var from = bench.Loop.Elapsed;
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.UntilAsync(() => bench.Ready("cold") == "True" && bench.Scheme("cold")!["status"]!["observedGeneration"]!.GetValue<int>() == 2, Soon, "the change");
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        PlanWrites(bench, from).Should().Be(30);

        from = bench.Loop.Elapsed;
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi")[..^1] + ""","rollout":{"canary":{"percent":"7%"}}}""");
        await bench.UntilAsync(() => bench.Scheme("cold")!["status"]!["observedGeneration"]!.GetValue<int>() == 3, Soon, "the change of the rollout");
        PlanWrites(bench, from).Should().Be(0);
    });

    [Fact]
    public void A_plan_that_somebody_edits_is_put_right_and_one_that_somebody_deletes_is_made_again() => OperatorBench.Run(async bench =>
    {
        await SettledAsync(bench, nodes: 5);
        var before = bench.FinalState();
        var edited = bench.DamonNode("n0001")!;
        edited["spec"]!["mode"] = "Off";
        bench.Server.Put(bench.DamonNodes, edited);
        bench.Server.Delete(bench.DamonNodes, "", "n0002");
        await bench.UntilAsync(() => bench.DamonNode("n0002") is not null && bench.FinalState() == before && bench.Ready("cold") == "True", Soon, "the plans as they were");
    });

    [Fact]
    public void Nodes_that_come_and_go_are_taken_in_and_let_go() => OperatorBench.Run(async bench =>
    {
        await SettledAsync(bench, nodes: 10);
        bench.AddNode("n9999");
        bench.RemoveNode("n0003");
        await bench.UntilAsync(() => bench.Count("cold", "updated") == 10 && bench.Hashes("cold").ContainsKey("n9999"), Soon, "the new node");
        bench.DamonNode("n0003").Should().BeNull();
        bench.Count("cold", "unreachable").Should().Be(0);
    });

    [Fact]
    public void A_scheme_that_is_deleted_leaves_every_plan_and_then_goes() => OperatorBench.Run(async bench =>
    {
        await SettledAsync(bench, nodes: 10);
        bench.Server.Delete(FakeKind.DamonSchemes, "", "cold");
        await bench.UntilAsync(() => bench.Scheme("cold") is null, Soon, "the end of the scheme");
        bench.Hashes("cold").Should().BeEmpty();
        bench.Hashes("acting").Should().HaveCount(10);
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Scheme("cold").Should().BeNull();
    });

    [Fact]
    public void Of_nodes_that_do_not_answer_deletion_waits_five_minutes_and_says_so() => OperatorBench.Run(async bench =>
    {
        await SettledAsync(bench, nodes: 10);
        bench.Agents.Silent.Add("n0001");
        bench.Server.Delete(FakeKind.DamonSchemes, "", "cold");
        await bench.Loop.Pass(TimeSpan.FromMinutes(4));
        bench.Scheme("cold").Should().NotBeNull();
        await bench.UntilAsync(() => bench.Scheme("cold") is null, TimeSpan.FromMinutes(3), "the end of the scheme");
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.EventReasons().Should().Contain("UndoUnconfirmed");
    });

    [Fact]
    public void Events_are_told_of_transitions_and_not_again_by_the_next_leader() => OperatorBench.Run(async bench =>
    {
        var first = await SettledAsync(bench, nodes: 10);
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        var told = bench.Server.Objects(FakeKind.Events).Count;
        told.Should().BeGreaterThan(0);
        bench.Server.Objects(FakeKind.Events).Should().AllSatisfy(one => one["metadata"]!["namespace"]!.GetValue<string>().Should().Be("default"));
        await first.EndAsync();
        bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromMinutes(30));
        bench.Server.Objects(FakeKind.Events).Should().HaveCount(told);
    });

    /// <summary>Ready alone may be said of nodes that cannot answer yet.</summary>
    private static bool IsThrough(OperatorBench bench, string scheme, int nodes) => bench.Ready(scheme) == "True" && bench.Count(scheme, "updated") == nodes;

    private static int PlanWrites(OperatorBench bench, TimeSpan from) => bench.Writes.Count(request => request.At >= from && request.Plural == "damonnodes");

    /// <summary>A cluster on which two schemes are through.</summary>
    internal static async Task<OperatorHandle> SettledAsync(OperatorBench bench, int nodes)
    {
        bench.WithNodes(nodes).StartAgents();
        bench.PutConfig("Enforce");
        bench.PutScheme("cold");
        bench.PutScheme("acting", Specs.Enforce);
        var started = bench.Start();
        await bench.UntilAsync(() => IsThrough(bench, "cold", nodes) && IsThrough(bench, "acting", nodes), TimeSpan.FromMinutes(3), "both schemes");
        return started;
    }
}

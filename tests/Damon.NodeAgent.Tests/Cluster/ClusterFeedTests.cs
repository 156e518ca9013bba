using Damon.Api.Clusters;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Tests.Plans;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.NodeAgent.Tests.Cluster;

public class ClusterFeedTests
{
    [Fact]
    public void What_the_cluster_says_is_told_within_a_second() => Run(async bench =>
    {
        bench.Populate().Start();
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));

        bench.Mode().Should().Be(new ModeDecision(ClusterMode.Enforce, false, ""));
        bench.Sink.Pods!.Select(pod => pod.Name).Should().Equal("a", "b");
        bench.Sink.Pods![0].NamespaceLabels.Should().Contain("team", "batch");
        bench.Feed.PlanUid.Should().Be(bench.Intake.Plan.Uid).And.NotBeEmpty();
        bench.Feed.FindPod(bench.Sink.Pods[1].Uid)!.Name.Should().Be("b");
    });

    [Fact]
    public void Nothing_is_asked_for_that_is_not_of_this_node() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();

        string Selector(string plural) => bench.Server.Requests.First(request => request.Plural == plural).Query.GetValueOrDefault("fieldSelector", "");
        Selector("damonnodes").Should().Be("metadata.name=n1");
        Selector("damonclusterconfigs").Should().Be("metadata.name=cluster");
        Selector("nodes").Should().Be("metadata.name=n1");
        Selector("pods").Should().Be("spec.nodeName=n1");
        var pods = bench.Server.Requests.First(request => request.Plural == "pods");
        (pods.Query.GetValueOrDefault("resourceVersion"), pods.Query.ContainsKey("limit")).Should().Be(("0", false));
    });

    [Theory]
    [InlineData("Off", ClusterMode.Off)]
    [InlineData("Observe", ClusterMode.Observe)]
    public void The_kill_switch_arrives_within_ten_seconds(string mode, ClusterMode expected) => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.PutConfig($$"""{"mode":"{{mode}}"}""");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));

        bench.Mode().Mode.Should().Be(expected);
    });

    [Fact]
    public void The_kill_switch_arrives_within_ten_seconds_after_an_outage_however_long_it_was() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.Server.Faults = static _ => FakeFault.Unreachable;
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(20));
        bench.Mode().Mode.Should().Be(ClusterMode.Enforce, "an outage shorter than an hour changes nothing");

        bench.PutConfig("""{"mode":"Off"}""");
        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));

        bench.Mode().Mode.Should().Be(ClusterMode.Off);
    });

    [Fact]
    public void A_plan_that_is_deleted_is_the_empty_plan() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.Server.Delete(ClusterBench.Plans, "", ClusterBench.NodeName);
        await bench.Loop.Pass(TimeSpan.FromSeconds(2));

        bench.Intake.Plan.Should().Be(NodePlan.Empty);
        bench.Feed.PlanUid.Should().BeNull();
    });

    [Fact]
    public void A_plan_that_is_made_anew_is_never_seen_as_missing() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        var before = bench.Feed.PlanUid;
        bench.Server.Delete(ClusterBench.Plans, "", ClusterBench.NodeName);
        await bench.Loop.Pass(TimeSpan.FromMilliseconds(500));
        bench.PutPlan("Enforce", PlanDocuments.Scheme("cold"), PlanDocuments.Scheme("other", rank: 2));
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));

        bench.Sink.Calls.Should().NotContain("no node");
        bench.Intake.Plan.Schemes.Should().HaveCount(2);
        bench.Feed.PlanUid.Should().NotBe(before).And.NotBeNull();
    });

    [Fact]
    public void A_kind_that_is_taken_away_is_the_empty_plan_once_that_has_lasted() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.Server.RemoveKind(ClusterBench.Plans);
        await bench.Loop.Pass(TimeSpan.FromSeconds(30));

        bench.Intake.Plan.Should().Be(NodePlan.Empty);
    });

    [Fact]
    public void A_cluster_without_plan_and_configuration_is_told_as_such() => Run(async bench =>
    {
        await bench.StartedAsync();

        (bench.Intake.Plan, bench.Intake.Rules).Should().Be((NodePlan.Empty, ClusterRules.Absent));
        bench.Sink.Pods.Should().BeEmpty();
    });

    [Fact]
    public void A_configuration_that_is_deleted_lets_nothing_act() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.Server.Delete(ClusterBench.Configs, "", "cluster");
        await bench.Loop.Pass(TimeSpan.FromSeconds(2));

        bench.Mode().Should().Be(new ModeDecision(ClusterMode.Observe, false, PlanReasons.ClusterConfigAbsent));
    });

    public static TheoryData<int, string> Losses => new() { { 0, "" }, { 500, "InternalError" }, { 503, "ServiceUnavailable" }, { 401, "Unauthorized" }, { 403, "Forbidden" } };

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_server_that_is_lost_changes_nothing_for_an_hour_and_then_lets_nothing_act(int code, string reason) => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.Server.Faults = _ => code == 0 ? FakeFault.Unreachable : FakeFault.Answers(code, reason);
        bench.Server.DropWatches();
        var known = bench.Sink.Calls.Count;

        await bench.Loop.Pass(TimeSpan.FromMinutes(59));
        bench.Mode().Should().Be(new ModeDecision(ClusterMode.Enforce, false, ""));
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        bench.Mode().Should().Be(new ModeDecision(ClusterMode.Observe, false, PlanReasons.ApiServerLost));

        bench.Sink.Calls.Should().HaveCount(known, "nothing was told that nobody said");
        bench.Sink.Pods.Should().HaveCount(2);
        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.Mode().Mode.Should().Be(ClusterMode.Enforce);
    });

    [Theory]
    [InlineData("damonnodes")]
    [InlineData("damonclusterconfigs")]
    public void What_other_kinds_bring_does_not_stand_for_a_plan_that_may_not_be_read(string plural) => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.Server.Faults = request => request.Plural == plural ? FakeFault.Answers(403, "Forbidden") : null;
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(61));

        bench.Mode().Reason.Should().Be(PlanReasons.ApiServerLost);
    });

    [Fact]
    public void A_quiet_cluster_is_heard_of_all_the_time() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.Server.SendsBookmarks = false;
        var longest = TimeSpan.Zero;
        for (var minute = 0; minute < 180; minute++)
        {
            await bench.Loop.Pass(TimeSpan.FromMinutes(1));
            longest = bench.Intake.Contact.Silence > longest ? bench.Intake.Contact.Silence : longest;
        }

        longest.Should().BeLessThan(TimeSpan.FromMinutes(1));
    });

    [Fact]
    public void A_forgotten_place_is_an_answer_and_nothing_vanishes() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        for (var minute = 0; minute < 120; minute++)
        {
            bench.Server.Compact();
            bench.Server.ExpireWatches();
            await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        }

        bench.Mode().Mode.Should().Be(ClusterMode.Enforce);
        bench.Sink.Calls.Should().NotContain(["no node", "no config"]);
        bench.Sink.PodCounts.Should().OnlyContain(count => count == 2);
    });

    [Fact]
    public void Pods_are_told_only_after_the_first_list_of_them_and_of_namespaces() => Run(async bench =>
    {
        bench.Server.Faults = static request => request.Plural == "namespaces" ? FakeFault.Answers(503, "ServiceUnavailable") : null;
        await bench.Populate().StartedAsync();
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Sink.Pods.Should().BeNull();

        bench.Server.Faults = static request => request.Plural == "pods" ? FakeFault.CutOff : null;
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.Sink.Pods.Should().HaveCount(2);
    });

    public static TheoryData<string> ListFaults => ["cut", "500", "404", "401", "unreachable", "404 then unreachable"];

    [Theory]
    [MemberData(nameof(ListFaults))]
    public void Pods_never_vanish_by_a_list_that_failed(string fault) => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        var asked = 0;
        bench.Server.Faults = request => request.Plural is not ("pods" or "namespaces") ? null : fault switch
        {
            "cut" => FakeFault.CutOff,
            "500" => FakeFault.Answers(500, "InternalError"),
            "404" => FakeFault.Answers(404, "NotFound"),
            "401" => FakeFault.Answers(401, "Unauthorized"),
            "unreachable" => FakeFault.Unreachable,
            _ => asked++ < 12 ? FakeFault.Answers(404, "NotFound") : FakeFault.Unreachable,
        };
        bench.Server.Compact();
        bench.Server.ExpireWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(30));
        bench.PutPod("c");
        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(3));

        bench.Sink.PodCounts.Should().OnlyContain(count => count >= 2);
        bench.Sink.Pods!.Select(pod => pod.Name).Should().Equal("a", "b", "c");
    });

    [Fact]
    public void A_pod_waits_for_the_labels_of_its_namespace_and_keeps_them_until_it_is_gone() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.PutPod("early", ns: "later");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        bench.Sink.Pods!.Select(pod => pod.Name).Should().Equal("a", "b");
        bench.Feed.WithheldPods.Should().Be(1);

        bench.PutNamespace("later", "\"damon.dev/opt-out\":\"true\"");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        bench.Sink.Pods!.Single(pod => pod.Name == "early").NamespaceLabels.Should().Contain("damon.dev/opt-out", "true");
        bench.Feed.WithheldPods.Should().Be(0);

        bench.Server.Delete(ClusterBench.Namespaces, "", "later");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        bench.Sink.Pods!.Single(pod => pod.Name == "early").NamespaceLabels.Should().Contain("damon.dev/opt-out", "true");

        bench.Server.Delete(FakeKind.Pods, "later", "early");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        bench.Sink.Pods!.Select(pod => pod.Name).Should().Equal("a", "b");
    });

    [Fact]
    public void A_namespace_s_new_labels_reach_its_pods() => Run(async bench =>
    {
        await bench.Populate().StartedAsync();
        bench.PutNamespace("shop", "\"damon.dev/opt-out\":\"true\"");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));

        bench.Sink.Pods.Should().OnlyContain(pod => pod.NamespaceLabels.ContainsKey("damon.dev/opt-out"));
    });

    [Fact]
    public void The_node_s_pressure_and_pause_are_told_and_stay_when_the_node_cannot_be_seen() => Run(async bench =>
    {
        void Put(string pressure, string labels) => bench.Server.Put(
            ClusterBench.Nodes,
            $$$"""{"metadata":{"name":"n1","labels":{{{{labels}}}}},"status":{"conditions":[{"type":"MemoryPressure","status":"{{{pressure}}}"}]}}""");
        Put("False", "");
        await bench.Populate().StartedAsync();

        Put("True", "\"damon.dev/paused\":\"true\"");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        (bench.Sink.HasMemoryPressure, bench.Sink.IsPaused).Should().Be((true, true));

        bench.Server.Delete(ClusterBench.Nodes, "", "n1");
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        (bench.Sink.HasMemoryPressure, bench.Sink.IsPaused).Should().Be((true, true));
    });

    [Fact]
    public void After_a_restart_within_an_outage_the_kept_plan_goes_on_and_decays_when_the_hour_is_over() => VirtualLoop.Run(async loop =>
    {
        StoredPlan stored;
        using (var first = new ClusterBench(loop))
        {
            await first.Populate().StartedAsync();
            stored = first.Intake.ToStore();
            await first.StopAsync();
        }

        await loop.Pass(TimeSpan.FromMinutes(40));
        using var bench = new ClusterBench(loop, PlanStore.Parse(PlanStore.Format(stored)).Value);
        bench.Server.Faults = static _ => FakeFault.Unreachable;
        await bench.StartedAsync();
        (bench.Mode().Mode, bench.Intake.IsRestored).Should().Be((ClusterMode.Enforce, true));

        await loop.Pass(TimeSpan.FromMinutes(21));
        bench.Mode().Should().Be(new ModeDecision(ClusterMode.Observe, false, PlanReasons.ApiServerLost));

        // It answers, and knows of nothing: that is the truth now.
        bench.Server.Faults = static _ => null;
        await loop.Pass(TimeSpan.FromMinutes(1));
        bench.Intake.Plan.Should().Be(NodePlan.Empty);
        await bench.StopAsync();
    });

    private static void Run(Func<ClusterBench, Task> body) => VirtualLoop.Run(async loop =>
    {
        using var bench = new ClusterBench(loop);
        await body(bench);
        await bench.StopAsync();
        bench.Server.OpenWatches.Should().Be(0);
    });
}

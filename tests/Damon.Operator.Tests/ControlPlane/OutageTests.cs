using Damon.Kubernetes.Objects;
using Damon.Testing.ControlPlane.Faults;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>The API server goes away under a working operator, and comes back with or without its memory.</summary>
public class OutageTests
{
    private const string Scheme = "reclaim";

    [Fact]
    public async Task A_server_that_is_killed_within_a_rollout_and_started_again_loses_nothing()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 30 });
        var one = world.StartOperator("one", user: null, via: null, "--lease-duration", "30s");
        await world.UntilLeaderAsync(one);
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce", rollout: "{canary: {percent: 5%, soak: 1s}, steps: [30%, 60%, 100%], maxConcurrentNodes: 10%}"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Phase == "Stepping", "has come to its steps");
        world.Plane.Server.Kill();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        one.Process.HasExited.Should().BeFalse(one.Process.Output);
        (await one.SaysOkAsync("/healthz", TestContext.Current.CancellationToken)).Should().BeTrue("a server out of reach is no reason to be restarted");
        await world.Plane.Server.StartAsync(TestContext.Current.CancellationToken);

        await world.UntilDoneAsync(Scheme, TimeSpan.FromMinutes(2));
        one.Process.HasExited.Should().BeFalse();
        (await world.ListAsync(DamonKinds.Nodes)).Should().HaveCount(30);
    }

    [Fact]
    public async Task What_changed_while_the_server_forgot_is_found_out_by_one_list_and_deletions_are_among_it()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 10 });
        using var relay = new TcpRelay(world.Plane.Server.Port);
        var one = world.StartOperator("one", user: null, relay.Url, "--lease-duration", "60s");
        await world.UntilLeaderAsync(one);
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe"));
        await world.ApplySchemeAsync("other", OperatorWorld.Spec("Observe"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("observing") == 10, "observes everywhere");
        await world.UntilSchemeAsync("other", scheme => scheme is { IsCurrent: true, Ready: "True" }, "is ready");
        world.Audit.ReadOn();

        // The operator hears nothing of this, and when it may ask again the server and its storage have forgotten the place where it was.
        relay.Close();
        await world.DeleteAsync(ResourceKind.Nodes, world.Nodes.Names[0]);
        await world.DeleteAsync(DamonKinds.Nodes, world.Nodes.Names[0]);
        await world.MergeAsync(DamonKinds.Schemes, "other", """{"metadata":{"finalizers":null}}""");
        await world.DeleteAsync(DamonKinds.Schemes, "other");
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe", ageSeconds: 60));
        await world.Plane.Etcd.CompactAsync(TestContext.Current.CancellationToken);
        world.Plane.Server.Kill();
        await world.Plane.Server.StartAsync(TestContext.Current.CancellationToken);
        relay.Open();

        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("matched") == 9 && scheme.Nodes("updated") == 9, "knows of nine nodes and of the change");

        // The operator may hear that the plan is gone before it hears the same of the Node, and makes it once more: with an owner that is no more, so that a cluster's garbage collector takes it away. Here is none.
        await world.UntilPlansAsync(
            plans => plans.Where(plan => plan["metadata"]!["name"]!.GetValue<string>() != world.Nodes.Names[0]).ToList() is { Count: 9 } left && left.TrueForAll(plan => plan["spec"]!["schemes"]!.AsArray() is [var only] && only!["name"]!.GetValue<string>() == Scheme), "that no plan has the deleted scheme");
        var metrics = await one.MetricsAsync(TestContext.Current.CancellationToken);
        PrometheusText.Sum(metrics, "damon_operator_terms_total").Should().Be(1, "it led all the time");
        var lists = world.Audit.ReadOn().Where(request => request is { Verb: "list", IsContinued: false, Code: < 400, Resource: not "customresourcedefinitions" }).GroupBy(request => request.Resource).ToDictionary(group => group.Key, group => group.Count());

        // Without the definitions, of which each is followed by itself.
        lists.Should().ContainKey("damonschemes").And.ContainKey("damonnodes");
        lists.Values.Should().OnlyContain(count => count <= 2, "the place is forgotten once");
    }

    [Fact]
    public async Task A_connection_that_stands_still_is_given_up_and_the_operator_leads_again_when_it_moves()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 5 });
        using var relay = new TcpRelay(world.Plane.Server.Port);
        var one = world.StartOperator("one", user: null, relay.Url);
        await world.UntilLeaderAsync(one);
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" }, "is ready");

        // Both ends believe in their connection, as where a path between them is lost.
        relay.Freeze();
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe", ageSeconds: 60));
        await world.UntilAsync(async () => !await one.IsLeaderAsync(TestContext.Current.CancellationToken), "that it does not lead without the server");
        relay.Thaw();
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" }, "is ready with the change");
    }
}

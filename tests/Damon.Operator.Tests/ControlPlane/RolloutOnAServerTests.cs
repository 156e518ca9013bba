using System.Globalization;
using System.Text.Json.Nodes;
using Damon.Api.Nodes;
using Damon.Kubernetes.Objects;
using Damon.Testing;
using Damon.Testing.ControlPlane.Agents;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>The operator as a process, on a real API server, with agents that are played.</summary>
public class RolloutOnAServerTests
{
    private const string Scheme = "reclaim";

    [Fact]
    public async Task A_scheme_reaches_every_node_step_by_step_is_reported_and_leaves_nothing_behind()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 20 });
        var one = world.StartOperator();
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("observing") == 20, "observes on all nodes");

        var seen = new List<int>();
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce"));
        await world.UntilAsync(
            async () =>
            {
                var acting = (await world.ListAsync(DamonKinds.Nodes)).Count(plan => ModeOf(plan, Scheme) == "Enforce");
                if (seen.Count == 0 || seen[^1] != acting)
                    seen.Add(acting);
                return acting == 20;
            },
            "that all plans act");
        seen.Should().BeInAscendingOrder("nobody is told to act and then not to").And.HaveCountGreaterThan(2);
        seen.Should().Contain(count => count > 0 && count <= 2, "the canary of a tenth comes first");
        seen.Should().Contain(10, "the first step ends at half of the nodes");

        var done = await world.UntilDoneAsync(Scheme);
        (done.Nodes("matched"), done.Nodes("updated"), done.Nodes("active")).Should().Be((20, 20, 20));
        (done.Status("Accepted"), done.Status("Ready"), done.Status("Degraded"), done.Status("Progressing")).Should().Be(("True", "True", "False", "False"));

        foreach (var plan in await world.ListAsync(DamonKinds.Nodes))
        {
            var owner = plan["metadata"]!["ownerReferences"]!.AsArray().Should().ContainSingle().Subject!;
            (owner["kind"]!.GetValue<string>(), owner["name"]!.GetValue<string>()).Should().Be(("Node", plan["metadata"]!["name"]!.GetValue<string>()));
            plan["spec"]!["mode"]!.GetValue<string>().Should().Be("Enforce");
        }

        if (await world.TakesClusterEventsAsync())
            await world.UntilAsync(async () => (await EventsAsync(world)).IsSupersetOf(["RolloutStarted", "Canary", "Soaking", "Stepping", "RolloutDone"]), "an event of each step");

        await world.DeleteAsync(DamonKinds.Schemes, Scheme);
        await world.UntilAsync(async () => await world.SchemeAsync(Scheme) is null, "that the scheme is gone");
        (await world.ListAsync(DamonKinds.Nodes)).Should().OnlyContain(plan => EntryOf(plan, Scheme) == null);

        (await one.Process.StopAsync(OperatorWorld.Patience, TestContext.Current.CancellationToken)).Should().Be(0, one.Process.Output);
        one.Messages("error").Should().BeEmpty();
    }

    [Fact]
    public async Task Degraded_nodes_halt_a_rollout_and_it_goes_on_when_somebody_says_so()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 20 });
        world.StartOperator();
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" }, "observes on all nodes");
        world.Agents.BehaveByDefault(new AgentBehaviour { StateOf = _ => (NodeSchemeState.Degraded, "BackendLost") });
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("degraded") == 20, "is degraded everywhere");

        world.Agents.BehaveByDefault(new AgentBehaviour());
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("observing") == 20, "observes again");
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Phase == "Soaking", "soaks");
        world.Agents.BehaveByDefault(new AgentBehaviour { StateOf = _ => (NodeSchemeState.Degraded, "BackendLost") });
        var halted = await world.UntilSchemeAsync(Scheme, scheme => scheme.Phase == "Halted", "halts");
        halted.Status("Ready").Should().Be("False");
        var acting = (await world.ListAsync(DamonKinds.Nodes)).Count(plan => ModeOf(plan, Scheme) == "Enforce");
        acting.Should().BeLessThan(20);

        world.Agents.BehaveByDefault(new AgentBehaviour());
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("degraded") == 0, "is well again");
        (await world.ListAsync(DamonKinds.Nodes)).Count(plan => ModeOf(plan, Scheme) == "Enforce").Should().Be(acting, "a halted rollout waits for somebody");
        await world.MergeAsync(DamonKinds.Schemes, Scheme, """{"metadata":{"annotations":{"damon.dev/resume":"1"}}}""");
        await world.UntilDoneAsync(Scheme);
    }

    [Fact]
    public async Task Nodes_that_do_not_answer_hold_up_neither_a_deletion_nor_the_others()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 5 });
        var first = world.StartOperator("first");
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce"));
        await world.UntilDoneAsync(Scheme);

        // An operator that has seen a node well waits five minutes for it from then on; one that finds it ill for ten does not.
        (await first.Process.StopAsync(OperatorWorld.Patience, TestContext.Current.CancellationToken)).Should().Be(0, first.Process.Output);
        var longAgo = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(10);
        foreach (var silent in (int[])[0, 1])
            world.Agents.Behave(world.Nodes.Names[silent], new AgentBehaviour { IsSilent = true });
        await world.Nodes.SetNodeReadyAsync(0, isReady: false, TestContext.Current.CancellationToken, longAgo);
        await world.Nodes.SetPodReadyAsync(1, isReady: false, TestContext.Current.CancellationToken, longAgo);
        world.StartOperator("second");
        var known = await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("unreachable") == 2, "two nodes are unreachable");
        known.Nodes("active").Should().Be(3);
        known.Status("Ready").Should().Be("True", "what is out of reach is not waited for");

        // The node goes with its plan, as the garbage collector of a cluster has it.
        await world.DeleteAsync(ResourceKind.Nodes, world.Nodes.Names[2]);
        await world.DeleteAsync(DamonKinds.Nodes, world.Nodes.Names[2]);
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("matched") == 4, "one node less");

        await world.DeleteAsync(DamonKinds.Schemes, Scheme);
        await world.UntilAsync(async () => await world.SchemeAsync(Scheme) is null, "that the scheme is gone");
        if (await world.TakesClusterEventsAsync())
            await world.UntilAsync(async () => (await EventsAsync(world)).Contains("UndoUnconfirmed"), "an event that says what is not known");
    }

    [Fact]
    public async Task A_node_that_joins_gets_its_plan_and_its_label_keeps_it_in_or_out()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 3 });
        world.StartOperator();
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe", extra: "nodeSelector: {matchLabels: {pool: batch} }"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Reason("Ready") == "NoNodes", "selects no node");
        await world.MergeAsync(ResourceKind.Nodes, world.Nodes.Names[0], """{"metadata":{"labels":{"pool":"batch"}}}""");
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("observing") == 1, "has one node");
        await world.MergeAsync(ResourceKind.Nodes, world.Nodes.Names[1], """{"metadata":{"labels":{"pool":"batch","damon.dev/paused":"true"}}}""");
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("matched") == 2 && scheme.Nodes("stopped") == 1, "has two nodes, of which one is stopped");
        (await world.PlanAsync(world.Nodes.Names[1]))!["spec"]!["mode"]!.GetValue<string>().Should().Be("Off");
        await world.MergeAsync(ResourceKind.Nodes, world.Nodes.Names[0], """{"metadata":{"labels":{"pool":null}}}""");
        await world.UntilSchemeAsync(Scheme, scheme => scheme.Nodes("matched") == 1, "has one node again");
        await world.UntilAsync(async () => await world.PlanAsync(world.Nodes.Names[0]) is not { } plan || EntryOf(plan, Scheme) is null, "that the first node's plan is empty");
    }

    [Fact]
    public async Task Many_schemes_and_names_at_the_limit_are_refused_or_reported_each_by_itself()
    {
        const int Many = 1000;
        await using var world = await OperatorWorld.StartAsync(new() { IsLong = true, Nodes = 4 });
        var one = world.StartOperator("one", user: null, via: null, "--writes-per-second", "1000");
        var longest = string.Concat(Enumerable.Repeat("a", 63)) + "." + string.Concat(Enumerable.Repeat("b", 63)) + "." + string.Concat(Enumerable.Repeat("c", 63)) + "." + string.Concat(Enumerable.Repeat("d", 61));
        longest.Should().HaveLength(253);
        await world.ApplySchemeAsync(longest, OperatorWorld.Spec("Observe", extra: "priority: 1000"));
        var large = string.Join(", ", Enumerable.Range(0, 8000).Select(at => string.Create(CultureInfo.InvariantCulture, $"value-{at}-{new string('x', 40)}")));
        await world.TryApplySchemeAsync("large", OperatorWorld.Spec("Observe", extra: $"nodeSelector: {{matchExpressions: [{{key: pool, operator: NotIn, values: [{large}]}}]}}"));
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Many),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken },
            async (at, _) => await world.ApplySchemeAsync($"many-{at:D4}", OperatorWorld.Spec("Observe")));

        await world.UntilAsync(
            async () =>
            {
                var schemes = (await world.ListAsync(DamonKinds.Schemes)).Select(found => new SchemeReading(found)).ToList();
                return schemes.Count(scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("observing") == 4) == 16
                    && schemes.Count(scheme => scheme.IsCurrent && scheme.Nodes("unsupported") == 4) >= Many - 15;
            },
            "that sixteen schemes have all nodes and the others are told that there are too many",
            TimeSpan.FromMinutes(2));
        (await world.SchemeAsync(longest))!["status"]!["nodes"]!["observing"]!.GetValue<int>().Should().Be(4, "the highest priority is among the sixteen");
        (await world.ListAsync(DamonKinds.Nodes)).Should().OnlyContain(plan => plan["spec"]!["schemes"]!.AsArray().Count == 16);
        one.Process.Figures!.PeakResidentBytes.Should().BeLessThan(250L << 20);
        one.Messages("error").Should().BeEmpty();
    }

    /// <summary>The reasons of all events about the scheme.</summary>
    private static async Task<HashSet<string>> EventsAsync(OperatorWorld world) =>
    [
        .. (await world.ListAsync(ResourceKind.Events)).Where(found => found["regarding"]?["name"]?.GetValue<string>() == Scheme).Select(found => found["reason"]!.GetValue<string>()),
    ];

    private static JsonNode? EntryOf(JsonNode plan, string scheme) =>
        plan["spec"]?["schemes"]?.AsArray().FirstOrDefault(entry => entry!["name"]!.GetValue<string>() == scheme);

    private static string ModeOf(JsonNode plan, string scheme) => EntryOf(plan, scheme) is { } entry ? PlanEntry.SpecOf(entry)["mode"]?.GetValue<string>() ?? "" : "";
}

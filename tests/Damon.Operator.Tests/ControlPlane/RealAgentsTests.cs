using System.Text.Json.Nodes;
using Damon.Kubernetes.Objects;
using Damon.Testing;
using Damon.Testing.ControlPlane.Programs;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>The whole way: kubectl, a real API server that looks at the rules of our definitions, the operator and agents as processes with the roles of <c>deploy/rbac</c>, hosts made of files.</summary>
public class RealAgentsTests
{
    private const int NodeCount = 3;
    private const string Counting = """
        mode: Enforce
          backend: Referenced
          target: {podSelector: {matchLabels: {app: cache} } }
          monitoring: {sampleInterval: 500ms, aggregationInterval: 2s}
          action: {type: Stat}
          quota: {size: 8Mi}
          rollout: {canary: {percent: 1%, soak: 1s}, steps: [100%], maxConcurrentNodes: 100%}
        """;

    private static readonly TestUser AgentUser = TestUser.ServiceAccount(RunningOperator.Namespace, "damon-agent");

    /// <summary>An agent writes twice within 30 to 45 s at the most, and a rollout of two waves waits for two writes of the canary's.</summary>
    private static readonly TimeSpan AgentsPatience = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task What_an_admin_applies_is_carried_out_by_every_agent_within_the_roles_and_ends_with_the_scheme()
    {
        await using var world = await OperatorWorld.StartAsync(new() { IsLong = true, Nodes = NodeCount, WantsRules = true, PlaysAgents = false, Mode = null, Users = [AgentUser] });
        var cancellation = TestContext.Current.CancellationToken;
        using var agents = new AgentsOnHosts(world);
        await agents.StartAsync(NodeCount, AgentUser, cancellation);
        var one = world.StartOperator("one", user: null, via: null, "--cluster-mode", "Enforce");
        await world.UntilAsync(async () => await world.ReadAsync(DamonKinds.Configs, new ObjectKey("cluster")) is { } config && config["spec"]!["mode"]!.GetValue<string>() == "Enforce", "a configuration");

        // The samples as they are; where there is a kubectl, by it.
        if (ControlPlaneAssets.Kubectl is not null)
        {
            var kubectl = new Kubectl(world.Plane.Server.Kubeconfig, world.Plane.Server.Folder);
            var (code, output) = await kubectl.RunAsync(cancellation, "apply", "--server-side", "-f", RepositoryFiles.PathOf("deploy/samples"));
            code.Should().Be(0, output);
        }
        else
        {
            TestContext.Current.SendDiagnosticMessage(Kubectl.WhyNot!);
            (await Manifests.ApplyFolderAsync(world.Client, "deploy/samples", cancellation)).Should().BeEmpty();
        }

        await world.ApplySchemeAsync("counting", Counting);
        var samples = (await world.ListAsync(DamonKinds.Schemes)).Select(scheme => scheme["metadata"]!["name"]!.GetValue<string>()).ToList();
        await world.UntilPlansAsync(
            plans => plans.Count == NodeCount && plans.All(plan => plan["spec"]!["schemes"]!.AsArray().Count == samples.Count), "that every plan has every scheme");
        foreach (var sample in samples)
        {
            await world.UntilSchemeAsync(
                sample, scheme => scheme.IsCurrent && scheme.Status("Accepted") == "True" && scheme.Nodes("matched") == NodeCount && scheme.Nodes("pending") + scheme.Nodes("unreachable") == 0, "is known to all agents", AgentsPatience);
        }

        var acting = await world.UntilSchemeAsync("counting", scheme => scheme is { IsCurrent: true, Phase: "Done", Ready: "True" } && scheme.Nodes("active") == NodeCount, "acts on all nodes", AgentsPatience);
        acting.Nodes("updated").Should().Be(NodeCount);

        // The kill switch, as an admin pulls it.
        await world.MergeAsync(DamonKinds.Configs, "cluster", """{"spec":{"mode":"Off"}}""");
        await world.UntilSchemeAsync("counting", scheme => scheme.Nodes("stopped") == NodeCount, "is stopped everywhere", AgentsPatience);
        (await world.ListAsync(DamonKinds.Nodes)).Should().OnlyContain(plan => plan["spec"]!["mode"]!.GetValue<string>() == "Off");

        await world.DeleteAsync(DamonKinds.Schemes, "counting");
        await world.UntilAsync(async () => await world.SchemeAsync("counting") is null, "that the scheme is gone", AgentsPatience);
        (await world.ListAsync(DamonKinds.Nodes)).Should().OnlyContain(plan => !StatusNames(plan).Contains("counting"), "the agents have said so before");

        // A node goes with its plan, as the garbage collector of a cluster has it; and nobody makes the plan again.
        await world.DeleteAsync(ResourceKind.Nodes, world.Nodes.Names[^1]);
        await world.DeleteAsync(DamonKinds.Nodes, world.Nodes.Names[^1]);
        await world.UntilPlansAsync(plans => plans.Count == NodeCount - 1, "that the plan of the node that is gone stays away");

        // A plan that no collector would come for, of a node that is not there.
        (await Manifests.ApplyAsync(world.Client, "apiVersion: damon.dev/v1alpha1\nkind: DamonNode\nmetadata: {name: nobody}\nspec: {mode: Observe, schemes: []}\n", cancellation)).Should().BeEmpty();
        await world.UntilAsync(async () => await world.PlanAsync("nobody") is null, "that the plan of nobody goes");

        // Everybody ends well.
        (await one.Process.StopAsync(OperatorWorld.Patience, cancellation)).Should().Be(0, one.Process.Output);
        one.Messages("error").Should().BeEmpty();
        await agents.StopAsync(cancellation);

        var requests = world.Audit.ReadOn();
        requests.Where(request => request.Code == 403).Select(request => $"{request.User} {request.Verb} {request.Resource}/{request.Subresource}").Distinct()
            .Should().BeEmpty("the roles give all that is needed");
        foreach (var (user, file, rare) in ((TestUser, string, string[])[])
        [
            // The first is for an installation that finds the Off of an uninstallation, after two minutes; the second for an event that comes again after a minute; the third is asked for where an apply makes an
            // object, and the log calls that a patch.
            (RunningOperator.User, "deploy/rbac/operator.yaml", ["patch damonclusterconfigs.damon.dev", "patch events.events.k8s.io", "create damonnodes.damon.dev"]),
            // No rail changes on hosts that are calm.
            (AgentUser, "deploy/rbac/agent.yaml", ["create events.events.k8s.io", "patch events.events.k8s.io"]),
        ])
        {
            var used = requests.Where(request => request.User == user.Name).Select(request =>
                $"{request.Verb} {request.Resource}{(request.Group.Length == 0 ? "" : "." + request.Group)}{(request.Subresource.Length == 0 ? "" : "/" + request.Subresource)}");
            RoleRules.Of(RepositoryFiles.Text(file)).Except(used).Except(rare).Should().BeEmpty("{0} uses every right that it has", user.Name);
        }
    }

    [Fact]
    public async Task The_roles_give_nothing_that_belongs_to_others()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 1, Users = [AgentUser] });
        foreach (var (user, rights) in ((TestUser, (string Verb, string Group, string Resource, string Subresource)[])[])
        [
            (RunningOperator.User,
            [
                ("patch", "damon.dev", "damonnodes", "status"), ("create", "damon.dev", "damonschemes", ""), ("delete", "damon.dev", "damonschemes", ""), ("patch", "", "nodes", ""), ("delete", "", "nodes", ""),
                ("list", "", "secrets", ""), ("create", "", "pods", ""), ("delete", "", "pods", ""), ("patch", "apiextensions.k8s.io", "customresourcedefinitions", ""),
                ("create", "rbac.authorization.k8s.io", "clusterrolebindings", ""),
            ]),
            (AgentUser,
            [
                ("patch", "damon.dev", "damonnodes", ""), ("create", "damon.dev", "damonnodes", ""), ("delete", "damon.dev", "damonnodes", ""), ("list", "damon.dev", "damonschemes", ""),
                ("patch", "damon.dev", "damonschemes", "status"), ("patch", "damon.dev", "damonclusterconfigs", ""), ("patch", "", "nodes", ""), ("list", "", "secrets", ""), ("create", "", "pods", ""),
                ("create", "", "pods", "exec"), ("delete", "", "pods", ""), ("update", "coordination.k8s.io", "leases", ""),
            ]),
        ])
        {
            foreach (var (verb, group, resource, subresource) in rights)
                (await MayAsync(world, user, verb, group, resource, subresource)).Should().BeFalse("{0} may not {1} {2}/{3}", user.Name, verb, resource, subresource);
        }

        (await MayAsync(world, AgentUser, "patch", "damon.dev", "damonnodes", "status")).Should().BeTrue("else the question is asked wrongly");
        (await MayAsync(world, RunningOperator.User, "patch", "damon.dev", "damonnodes", "")).Should().BeTrue("else the question is asked wrongly");
    }

    private static async Task<bool> MayAsync(OperatorWorld world, TestUser user, string verb, string group, string resource, string subresource)
    {
        var review = new ResourceKind("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", IsNamespaced: false);
        var question = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["user"] = user.Name,
                ["groups"] = new JsonArray([.. user.Groups.Select(name => (JsonNode)name)]),
                ["resourceAttributes"] = new JsonObject { ["verb"] = verb, ["group"] = group, ["resource"] = resource, ["subresource"] = subresource, ["namespace"] = RunningOperator.Namespace },
            },
        };
        var answer = await world.Client.CreateAsync(review, "", System.Text.Encoding.UTF8.GetBytes(question.ToJsonString()), TestContext.Current.CancellationToken);
        answer.Failure.Should().BeNull();
        return JsonNode.Parse(answer.Value.Span)!["status"]!["allowed"]!.GetValue<bool>();
    }

    private static IEnumerable<string> StatusNames(JsonNode plan) => plan["status"]?["schemes"]?.AsArray().Select(scheme => scheme!["name"]!.GetValue<string>()) ?? [];

    /// <summary>Agents as processes, each on a host of its own with one pod.</summary>
    private sealed class AgentsOnHosts(OperatorWorld world) : IDisposable
    {
        private readonly List<AgentHost> _hosts = [];
        private readonly List<RunningAgent> _agents = [];

        public async Task StartAsync(int count, TestUser user, CancellationToken cancellation)
        {
            (await Manifests.ApplyAsync(world.Client, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", cancellation)).Should().BeEmpty();
            for (var number = 0; number < count; number++)
            {
                var host = new AgentHost(world.Nodes.Names[number]);
                _hosts.Add(host);
                await host.StartPodAsync(world.Client, "shop", $"cache-{number}", "cache", cancellation);
                _agents.Add(new RunningAgent(host.Node, world.Plane.Server.KubeconfigOf(user), host.Host));
            }
        }

        public async Task StopAsync(CancellationToken cancellation)
        {
            foreach (var agent in _agents)
            {
                (await agent.Process.StopAsync(OperatorWorld.Patience, cancellation)).Should().Be(0, agent.Process.Output);
                agent.Process.Output.Should().NotContain("\"level\":\"error\"");
            }
        }

        public void Dispose()
        {
            foreach (var agent in _agents)
                agent.Dispose();
            foreach (var host in _hosts)
                host.Dispose();
        }
    }
}

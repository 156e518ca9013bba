using System.Diagnostics.CodeAnalysis;
using System.Text;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Engine.Regions;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Hosting;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;
using Damon.Testing.ControlPlane.Programs;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.NodeAgent.Tests.Cluster;

public class RealServerTests
{
    private static readonly TimeProvider Time = TimeProvider.System;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan KillSwitchBound = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task On_a_current_server_with_our_definitions_a_plan_arrives_its_status_is_taken_and_the_kill_switch_works()
    {
        SkipWithout(ControlPlaneAssets.CustomResourceServer);
        using var server = new CustomResourceServer();
        await StartAsync(server);
        var plan = PlanDocuments.Node("Enforce", PlanDocuments.Scheme("cold"));
        (await server.Client.CreateAsync(ClusterKinds.Nodes, "", plan, CancellationToken.None)).Failure.Should().BeNull();
        await ApplyConfigAsync(server, "Enforce");

        await WithFeedAsync(server, async (feed, sink, intake) =>
        {
            await UntilAsync(() => intake.Plan.Schemes.Count == 1 && intake.Rules.Mode == ClusterMode.Enforce, "the plan and the configuration");
            intake.ModeOf(intake.Plan.Schemes[0]).Mode.Should().Be(ClusterMode.Enforce);

            using var stop = new CancellationTokenSource();
            var writer = new StatusWriter(
                new ServerSideApply(server.Client, StatusWriter.FieldManager, new ServerSideApplyOptions(), Time, 2),
                ClusterBench.NodeName,
                () => ReportOf(intake),
                () => feed.PlanUid,
                new SchemeStatusBook(Time, new RandomSource(3)),
                new SilentLog(),
                Time);
            var writing = writer.RunAsync(stop.Token);
            await UntilAsync(() => writer.Counts.Written + writer.Counts.Failed > 0, "a status");
            writer.Counts.Should().Be((1, 0));
            var generation = intake.Plan.Generation;

            var switchedAt = Time.GetTimestamp();
            await ApplyConfigAsync(server, "Off");
            await UntilAsync(() => intake.Rules.Mode == ClusterMode.Off, "Off");
            Time.GetElapsedTime(switchedAt).Should().BeLessThan(KillSwitchBound);
            intake.Plan.Generation.Should().Be(generation, "a status is no other plan");

            (await server.Client.DeleteAsync(ClusterKinds.Nodes, new ObjectKey(ClusterBench.NodeName), uid: null, CancellationToken.None)).Failure.Should().BeNull();
            await UntilAsync(() => intake.Plan == NodePlan.Empty, "the empty plan");
            sink.Pods.Should().BeNull("this server has no pods, which is not the same as none");
            stop.Cancel();
            await writing;
        });
    }

    [Fact]
    public async Task On_a_kube_apiserver_the_node_s_own_pods_arrive_with_their_namespaces_labels()
    {
        SkipWithout(ControlPlaneAssets.KubeApiServer);
        using var server = new KubeApiServer();
        await server.StartAsync(TestContext.Current.CancellationToken);
        await CreateAsync(ResourceKind.Namespaces, "", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"team":"batch"}}}""");
        foreach (var (name, node) in ((string, string)[])[("a", ClusterBench.NodeName), ("b", "n2")])
        {
            await CreateAsync(
                ResourceKind.Pods,
                "shop",
                $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"shop"},"spec":{"nodeName":"{{{node}}}","containers":[{"name":"main","image":"x","resources":{"limits":{"memory":"128Mi"},"requests":{"memory":"0.0625Gi"} } }]}}""");
        }

        await WithFeedAsync(server, async (feed, sink, intake) =>
        {
            await UntilAsync(() => sink.Pods is not null, "the pods");
            var pod = sink.Pods.Should().ContainSingle().Subject;
            (pod.Namespace, pod.Name, pod.QosClass, pod.MemoryRequestBytes).Should().Be(("shop", "a", QosClass.Burstable, 64UL << 20));
            pod.NamespaceLabels.Should().Contain("team", "batch");
            feed.FindPod(pod.Uid).Should().BeSameAs(pod);

            await UntilAsync(() => intake.Plan == NodePlan.Empty && intake.Rules == ClusterRules.Absent, "that our kinds are not there");
            (await server.Client.DeleteAsync(ResourceKind.Pods, new ObjectKey("shop", "a"), uid: null, CancellationToken.None)).Failure.Should().BeNull();
            await UntilAsync(() => sink.Pods is [] or [{ IsTerminating: true }], "the pod's end");
        });

        async Task CreateAsync(ResourceKind kind, string ns, string json) =>
            (await server.Client.CreateAsync(kind, ns, Encoding.UTF8.GetBytes(json), CancellationToken.None)).Failure.Should().BeNull();
    }

    [Fact]
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks into the folder of the program that it started.")]
    public async Task The_program_takes_its_plan_says_so_and_ends_well_when_it_is_asked_to()
    {
        SkipWithout(ControlPlaneAssets.CustomResourceServer);
        using var server = new CustomResourceServer();
        await StartAsync(server);
        (await server.Client.CreateAsync(ClusterKinds.Nodes, "", PlanDocuments.Node("Enforce", PlanDocuments.Scheme("cold")), CancellationToken.None)).Failure.Should().BeNull();
        await ApplyConfigAsync(server, "Enforce");
        using var host = FakeHost.With(
            ("/proc/sys/kernel/random/boot_id", "boot-1\n"), ("/proc/sys/kernel/osrelease", "6.12.1\n"),
            ("/proc/pressure/memory", RailPod.Pressure()), ("/proc/meminfo", RailPod.Meminfo(1000, 1000)), ("/proc/vmstat", RailPod.Vmstat(0)));
        using var agent = new RunningAgent(ClusterBench.NodeName, server.Kubeconfig, host);
        await Eventually.HoldsAsync(
            async () =>
            {
                agent.Process.HasExited.Should().BeFalse(agent.Process.Output);
                var read = await server.Client.GetAsync(ClusterKinds.Nodes, new ObjectKey(ClusterBench.NodeName), CancellationToken.None);
                return read.Succeeded && Encoding.UTF8.GetString(read.Value.Span).Contains("\"state\":\"Unsupported\"", StringComparison.Ordinal);
            },
            "the agent's status",
            Patience,
            TestContext.Current.CancellationToken,
            () => agent.Process.Output);

        using var http = new HttpClient { BaseAddress = agent.Pages };
        (await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken)).Should().Be("ok\n");
        (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)).Should().Contain("damon_agent_plan_known 1");

        (await agent.Process.StopAsync(Patience, TestContext.Current.CancellationToken)).Should().Be(AgentExitCode.Ok);
        agent.Process.Output.Should().Contain("The agent has ended.").And.NotContain("\"level\":\"error\"");
        Directory.Exists(agent.StateFolder + "/plan").Should().BeTrue("the plan is kept for the next start");
    }

    [Fact]
    public async Task The_program_counts_what_a_pod_of_its_node_does_and_says_so()
    {
        SkipWithout(ControlPlaneAssets.KubeApiServer);
        using var plane = new DamonControlPlane(new KubeApiServerOptions());
        await plane.StartAsync(TestContext.Current.CancellationToken);
        await ApplyConfigAsync(plane.Server, "Enforce");
        (await plane.Client.CreateAsync(
            ResourceKind.Namespaces, "", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""u8.ToArray(), TestContext.Current.CancellationToken)).Failure.Should().BeNull();
        using var host = new AgentHost(ClusterBench.NodeName);
        await host.StartPodAsync(plane.Client, "shop", "cache", "cache", TestContext.Current.CancellationToken);
        var scheme = PlanDocuments.Scheme(
            "counting", """{"mode":"Enforce","backend":"Referenced","target":{"podSelector":{"matchLabels":{"app":"cache"}}},"action":{"type":"Stat"},"quota":{"size":"8Mi"}}""");
        (await plane.Client.CreateAsync(ClusterKinds.Nodes, "", PlanDocuments.Node("Enforce", scheme), CancellationToken.None)).Failure.Should().BeNull();

        using var agent = new RunningAgent(ClusterBench.NodeName, plane.Server.Kubeconfig, host.Host);
        var status = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                var read = await plane.Client.GetAsync(ClusterKinds.Nodes, new ObjectKey(ClusterBench.NodeName), CancellationToken.None);
                status = Encoding.UTF8.GetString(read.Value.Span);
                return status.Contains("\"state\":\"Active\"", StringComparison.Ordinal) && status.Contains("\"targets\":1", StringComparison.Ordinal);
            },
            "that the scheme acts on the pod",
            TimeSpan.FromMinutes(2),
            TestContext.Current.CancellationToken,
            () => status + agent.Process.Output);
    }

    /// <summary>Starts a server that has our definitions.</summary>
    private static async Task StartAsync(CustomResourceServer server)
    {
        await server.StartAsync(TestContext.Current.CancellationToken);
        foreach (var (plural, kind) in ((string, ResourceKind)[])[("damonnodes", ClusterKinds.Nodes), ("damonclusterconfigs", ClusterKinds.Configs)])
        {
            var yaml = RepositoryFiles.Bytes($"deploy/crds/{plural}.yaml");
            (await server.Client.PatchAsync(DamonKinds.Definitions, new ObjectKey($"{plural}.damon.dev"), PatchKind.Apply, yaml, "test", force: true, CancellationToken.None)).Failure.Should().BeNull();
            await Eventually.HoldsAsync(
                async () => (await server.Client.ListAsync(new ObjectQuery(kind), new ListPosition(), static _ => { }, CancellationToken.None)).Succeeded,
                $"that {kind} is served",
                Patience,
                TestContext.Current.CancellationToken);
        }
    }

    private static void SkipWithout(string program)
    {
        if (ControlPlaneAssets.WhyNot(program) is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    private static NodeReport ReportOf(PlanIntake intake) => new()
    {
        ObservedGeneration = intake.Plan.Generation,
        AgentVersion = "0.1.0",
        Kernel = "6.12.0",
        Capabilities = [],
        Schemes = [new SchemeReport { Name = "cold", AppliedHash = "h-cold", State = NodeSchemeState.Observing, Targets = 3 }],
        Conditions = [new ConditionReport("Ready", true, "PlanTakenUp")],
    };

    private static async Task ApplyConfigAsync(ApiServer server, string mode) =>
        (await server.Client.PatchAsync(
            ClusterKinds.Configs,
            new ObjectKey(DamonClusterConfigReader.Name),
            PatchKind.Apply,
            PlanDocuments.Config($$"""{"mode":"{{mode}}"}"""),
            "test",
            force: true,
            CancellationToken.None)).Failure.Should().BeNull();

    private static Task UntilAsync(Func<bool> holds, string what) => Eventually.HoldsAsync(holds, what, Patience, TestContext.Current.CancellationToken);

    private static async Task WithFeedAsync(ApiServer server, Func<ClusterFeed, RecordingSink, PlanIntake, Task> body)
    {
        var intake = new PlanIntake(Time, ClusterBench.NodeName);
        var sink = new RecordingSink(intake);
        var feed = new ClusterFeed(server.Client, ClusterBench.NodeName, sink, Time, 1);
        using var stop = new CancellationTokenSource();
        var running = feed.RunAsync(stop.Token);
        await body(feed, sink, intake);
        stop.Cancel();
        await running;
    }
}

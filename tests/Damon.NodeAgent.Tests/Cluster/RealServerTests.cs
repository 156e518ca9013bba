using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Engine.Regions;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Tests.ControlPlane;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Hosting;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Cluster;

public class RealServerTests
{
    private static readonly ResourceKind Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);
    private static readonly TimeSpan KillSwitchBound = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task On_a_current_server_with_our_definitions_a_plan_arrives_its_status_is_taken_and_the_kill_switch_works()
    {
        SkipWithout(CustomResourceServer.Program);
        using var server = new CustomResourceServer();
        await StartAsync(server);
        var plan = PlanDocuments.Node("Enforce", PlanDocuments.Scheme("cold"));
        (await server.Client.CreateAsync(ClusterKinds.Nodes, "", plan, CancellationToken.None)).Failure.Should().BeNull();
        await ApplyConfigAsync(server, "Enforce");

        await WithFeedAsync(server, async (feed, sink, intake) =>
        {
            await server.UntilAsync(() => intake.Plan.Schemes.Count == 1 && intake.Rules.Mode == ClusterMode.Enforce, "the plan and the configuration");
            intake.ModeOf(intake.Plan.Schemes[0]).Mode.Should().Be(ClusterMode.Enforce);

            using var stop = new CancellationTokenSource();
            var writer = new StatusWriter(
                new ServerSideApply(server.Client, StatusWriter.FieldManager, new ServerSideApplyOptions(), server.Time, 2),
                ClusterBench.NodeName,
                () => ReportOf(intake),
                () => feed.PlanUid,
                new SchemeStatusBook(server.Time, new RandomSource(3)),
                new SilentLog(),
                server.Time);
            var writing = writer.RunAsync(stop.Token);
            await server.UntilAsync(() => writer.Counts.Written + writer.Counts.Failed > 0, "a status");
            writer.Counts.Should().Be((1, 0));
            var generation = intake.Plan.Generation;

            var switchedAt = server.Time.GetTimestamp();
            await ApplyConfigAsync(server, "Off");
            await server.UntilAsync(() => intake.Rules.Mode == ClusterMode.Off, "Off");
            server.Time.GetElapsedTime(switchedAt).Should().BeLessThan(KillSwitchBound);
            intake.Plan.Generation.Should().Be(generation, "a status is no other plan");

            (await server.Client.DeleteAsync(ClusterKinds.Nodes, new ObjectKey(ClusterBench.NodeName), uid: null, CancellationToken.None)).Failure.Should().BeNull();
            await server.UntilAsync(() => intake.Plan == NodePlan.Empty, "the empty plan");
            sink.Pods.Should().BeNull("this server has no pods, which is not the same as none");
            stop.Cancel();
            await writing;
        });
    }

    [Fact]
    public async Task On_a_kube_apiserver_the_node_s_own_pods_arrive_with_their_namespaces_labels()
    {
        SkipWithout(KubeApiServer.Program);
        using var server = new KubeApiServer();
        await server.StartAsync();
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
            await server.UntilAsync(() => sink.Pods is not null, "the pods");
            var pod = sink.Pods.Should().ContainSingle().Subject;
            (pod.Namespace, pod.Name, pod.QosClass, pod.MemoryRequestBytes).Should().Be(("shop", "a", QosClass.Burstable, 64UL << 20));
            pod.NamespaceLabels.Should().Contain("team", "batch");
            feed.FindPod(pod.Uid).Should().BeSameAs(pod);

            await server.UntilAsync(() => intake.Plan == NodePlan.Empty && intake.Rules == ClusterRules.Absent, "that our kinds are not there");
            (await server.Client.DeleteAsync(ResourceKind.Pods, new ObjectKey("shop", "a"), uid: null, CancellationToken.None)).Failure.Should().BeNull();
            await server.UntilAsync(() => sink.Pods is [] or [{ IsTerminating: true }], "the pod's end");
        });

        async Task CreateAsync(ResourceKind kind, string ns, string json) =>
            (await server.Client.CreateAsync(kind, ns, Encoding.UTF8.GetBytes(json), CancellationToken.None)).Failure.Should().BeNull();
    }

    [Fact]
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Starts the built program, and ends it.")]
    public async Task The_program_takes_its_plan_says_so_and_ends_well_when_it_is_asked_to()
    {
        SkipWithout(CustomResourceServer.Program);
        using var server = new CustomResourceServer();
        await StartAsync(server);
        (await server.Client.CreateAsync(ClusterKinds.Nodes, "", PlanDocuments.Node("Enforce", PlanDocuments.Scheme("cold")), CancellationToken.None)).Failure.Should().BeNull();
        await ApplyConfigAsync(server, "Enforce");
        using var host = FakeHost.With(
            ("/proc/sys/kernel/random/boot_id", "boot-1\n"), ("/proc/sys/kernel/osrelease", "6.12.1\n"),
            ("/proc/pressure/memory", RailPod.Pressure()), ("/proc/meminfo", RailPod.Meminfo(1000, 1000)), ("/proc/vmstat", RailPod.Vmstat(0)));
        using var state = new FakeHost();
        var port = FreePort();
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Damon.Agent", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "damon-agent.dll"));
        File.Exists(program).Should().BeTrue("the solution was built");
        using var agent = Process.Start(new ProcessStartInfo(
            DotnetHost.ProgramPath,
            [program, "--node-name", ClusterBench.NodeName, "--kubeconfig", server.Kubeconfig, "--host-root", host.Folder, "--state-dir", state.Folder, "--listen", $"127.0.0.1:{port}"])
        { UseShellExecute = false, RedirectStandardError = true })!;
        try
        {
            var log = agent.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await UntilAsync(server, async () =>
            {
                agent.HasExited.Should().BeFalse();
                var read = await server.Client.GetAsync(ClusterKinds.Nodes, new ObjectKey(ClusterBench.NodeName), CancellationToken.None);
                return read.Succeeded && Encoding.UTF8.GetString(read.Value.Span).Contains("\"state\":\"Unsupported\"", StringComparison.Ordinal);
            });

            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            (await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken)).Should().Be("ok\n");
            (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)).Should().Contain("damon_agent_plan_known 1");

            using var signal = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"kill -TERM {agent.Id}"]) { UseShellExecute = false })!;
            await agent.WaitForExitAsync(TestContext.Current.CancellationToken);
            agent.ExitCode.Should().Be(AgentExitCode.Ok);
            (await log).Should().Contain("The agent has ended.").And.NotContain("\"level\":\"error\"");
            Directory.Exists(state.Folder + "/plan").Should().BeTrue("the plan is kept for the next start");
        }
        finally
        {
            agent.Kill();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a server that has our definitions.</summary>
    private static async Task StartAsync(CustomResourceServer server)
    {
        await server.StartAsync();
        foreach (var (plural, kind) in ((string, ResourceKind)[])[("damonnodes", ClusterKinds.Nodes), ("damonclusterconfigs", ClusterKinds.Configs)])
        {
            var yaml = RepositoryFiles.Bytes($"deploy/crds/{plural}.yaml");
            (await server.Client.PatchAsync(Definitions, new ObjectKey($"{plural}.damon.dev"), PatchKind.Apply, yaml, "test", force: true, CancellationToken.None)).Failure.Should().BeNull();
            await UntilAsync(server, async () => (await server.Client.ListAsync(new ObjectQuery(kind), new ListPosition(), static _ => { }, CancellationToken.None)).Succeeded);
        }
    }

    private static void SkipWithout(string program)
    {
        if (RealServerUnderTest.WhyNot(program) is { } reason)
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

    private static async Task ApplyConfigAsync(RealServerUnderTest server, string mode) =>
        (await server.Client.PatchAsync(
            ClusterKinds.Configs,
            new ObjectKey(ClusterKinds.ConfigName),
            PatchKind.Apply,
            PlanDocuments.Config($$"""{"mode":"{{mode}}"}"""),
            "test",
            force: true,
            CancellationToken.None)).Failure.Should().BeNull();

    private static async Task UntilAsync(RealServerUnderTest server, Func<Task<bool>> holds)
    {
        for (var attempt = 0; !await holds(); attempt++)
        {
            attempt.Should().BeLessThan(300, "a kind is served within half a minute");
            await server.PassAsync(TimeSpan.FromMilliseconds(100));
        }
    }

    private static async Task WithFeedAsync(RealServerUnderTest server, Func<ClusterFeed, RecordingSink, PlanIntake, Task> body)
    {
        var intake = new PlanIntake(server.Time, ClusterBench.NodeName);
        var sink = new RecordingSink(intake);
        var feed = new ClusterFeed(server.Client, ClusterBench.NodeName, sink, server.Time, 1);
        using var stop = new CancellationTokenSource();
        var running = feed.RunAsync(stop.Token);
        await body(feed, sink, intake);
        stop.Cancel();
        await running;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Damon.Chart.Tests.Rendering;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Chart.Tests.Servers;

/// <summary>The fence around each agent on a server that has such policies, with tokens that name their node as the kubelet's do.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A kubeconfig in the server's temporary folder.")]
public class AdmissionPolicyTests
{
    private static readonly ResourceKind DamonNodes = new("damon.dev", "v1alpha1", "damonnodes", "DamonNode", IsNamespaced: false);
    private static readonly ResourceKind Tokens = new("", "v1", "serviceaccounts/damon-agent/token", "TokenRequest", IsNamespaced: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_an_agent_writes_its_own_node_s_status_and_no_other()
    {
        var chart = ChartCases.Render("default");
        await using var server = await ChartServer.StartAsync(minMinor: 30, "it has no ValidatingAdmissionPolicy, and its tokens name no node");
        (await server.ApplyAsync(chart, ChartProgram.Namespace)).Refused.Should().BeEmpty();
        foreach (var node in (string[])["n1", "n2"])
        {
            (await Manifests.ApplyAsync(
                server.Client,
                $$"""
                apiVersion: v1
                kind: Node
                metadata: {name: "{{node}}"}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: "agent-{{node}}", namespace: "{{ChartProgram.Namespace}}"}
                spec: {nodeName: "{{node}}", serviceAccountName: damon-agent, containers: [{name: agent, image: none}]}
                """,
                Cancellation)).Should().BeEmpty();
            await Eventually.HoldsAsync(
                async () => (await Manifests.ApplyAsync(server.Client, $"apiVersion: damon.dev/v1alpha1\nkind: DamonNode\nmetadata: {{name: {node}}}\nspec: {{mode: Observe, schemes: []}}\n", Cancellation)).Count == 0,
                "that our kinds are served", TimeSpan.FromSeconds(60), Cancellation);
        }

        using var own = await ConnectAsync(server, "n1");
        var agent = new ApiClient(own, new ApiClientOptions(), TimeProvider.System);

        // A policy is in force some seconds after it was made.
        await Eventually.HoldsAsync(async () => (await StatusAsync(agent, "n2")).Failure is { Kind: ApiFailureKind.Forbidden }, "that another node's status is refused", TimeSpan.FromSeconds(60), Cancellation);
        (await StatusAsync(agent, "n1")).Failure.Should().BeNull();
        (await StatusAsync(agent, "n2")).Failure!.Message.Should().Contain("writes only of");

        // A token that was given out for no pod says nothing of a node.
        using var loose = await ConnectAsync(server, node: null);
        var stray = await StatusAsync(new ApiClient(loose, new ApiClientOptions(), TimeProvider.System), "n1");
        stray.Failure!.Message.Should().Contain("does not say on which node");

        // Who is no agent is not held up.
        (await StatusAsync(server.Client, "n2")).Failure.Should().BeNull();
    }

    private static Task<ApiResult<ReadOnlyMemory<byte>>> StatusAsync(ApiClient client, string node) => client.PatchAsync(
        DamonNodes,
        new ObjectKey(node),
        PatchKind.Apply,
        Encoding.UTF8.GetBytes($$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"{{node}}"},"status":{"agentVersion":"1.2.3"} }"""),
        "damon-agent",
        force: true,
        Cancellation,
        "status");

    private static async Task<ApiConnection> ConnectAsync(ChartServer server, string? node)
    {
        var bound = "";
        if (node is not null)
        {
            var pod = await server.Client.GetAsync(ResourceKind.Pods, new ObjectKey(ChartProgram.Namespace, $"agent-{node}"), Cancellation);
            bound = $$""","boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"agent-{{node}}","uid":"{{ObjectHeader.Read(pod.Value.Span).Uid}}"}""";
        }

        var given = await server.Client.CreateAsync(
            Tokens, ChartProgram.Namespace, Encoding.UTF8.GetBytes($$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600{{bound}} } }"""), Cancellation);
        using var token = JsonDocument.Parse(given.Value);
        var kubeconfig = (await File.ReadAllTextAsync(server.Plane.Server.KubeconfigOf(TestUser.Admin), Cancellation))
            .Replace(TestUser.Admin.Token, token.RootElement.GetProperty("status").GetProperty("token").GetString(), StringComparison.Ordinal);
        var path = Path.Combine(server.Plane.Server.Folder, $"kubeconfig-of-{node ?? "nobody"}");
        await File.WriteAllTextAsync(path, kubeconfig, Cancellation);
        return ApiConnections.FromKubeconfig(path, context: null, new ConnectionOptions { UserAgent = "damon-tests" });
    }
}

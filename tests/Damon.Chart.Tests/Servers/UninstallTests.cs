using System.Text.Json.Nodes;
using Damon.Chart.Tests.Rendering;
using Damon.Kubernetes.Objects;
using Damon.Operator.Cluster;
using Damon.Operator.Hosting;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Chart.Tests.Servers;

/// <summary>What runs before an uninstallation, with the arguments and the rights that the chart gives it.</summary>
public class UninstallTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_job_turns_everything_off_and_frees_every_scheme()
    {
        var chart = ChartCases.Render("default");
        await using var server = await ChartServer.StartAsync();
        (await server.ApplyAsync(chart, ChartProgram.Namespace)).Refused.Should().BeEmpty();
        const string Objects =
            """
            apiVersion: damon.dev/v1alpha1
            kind: DamonClusterConfig
            metadata: {name: cluster}
            spec: {mode: Enforce, optIn: true}
            ---
            apiVersion: damon.dev/v1alpha1
            kind: DamonNode
            metadata: {name: n1}
            spec: {mode: Enforce, schemes: []}
            ---
            apiVersion: damon.dev/v1alpha1
            kind: DamonScheme
            metadata: {name: cold, finalizers: [damon.dev/undo, example.com/theirs]}
            spec: {target: {podSelector: {}}, action: {type: Stat}}
            """;
        await Eventually.HoldsAsync(async () => (await Manifests.ApplyAsync(server.Client, Objects, Cancellation)).Count == 0, "that our kinds are served", TimeSpan.FromSeconds(60), Cancellation);

        using var log = new StringWriter();
        var arguments = RenderedObject.Texts(chart["Job", "damon-uninstall"].At("spec", "template", "spec", "containers", "0")!, "args");
        var exitCode = await OperatorProgram.RunAsync([.. arguments, "--kubeconfig", server.Plane.Server.KubeconfigOf(ChartServer.Uninstaller)], TextWriter.Null, log);

        exitCode.Should().Be(OperatorExitCode.Ok);
        log.ToString().Should().NotContain("\"warn\"").And.NotContain("\"error\"");
        var config = await ObjectAsync(server, OperatorKinds.Configs, "cluster");
        config["spec"]!["mode"]!.GetValue<string>().Should().Be("Off");
        config["spec"]!["optIn"]!.GetValue<bool>().Should().BeTrue("nothing else of it is changed");
        config["metadata"]!["annotations"]!["damon.dev/off-by"]!.GetValue<string>().Should().Be("uninstall");
        (await ObjectAsync(server, OperatorKinds.Schemes, "cold"))["metadata"]!["finalizers"]!.AsArray().Select(one => one!.GetValue<string>()).Should().Equal("example.com/theirs");
    }

    private static async Task<JsonNode> ObjectAsync(ChartServer server, ResourceKind kind, string name) =>
        JsonNode.Parse((await server.Client.GetAsync(kind, new ObjectKey(name), Cancellation)).Value.Span)!;
}

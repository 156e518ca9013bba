using System.Diagnostics.CodeAnalysis;
using Damon.Chart.Tests.Rendering;
using Damon.NodeAgent.Hosting;
using Damon.Operator.Hosting;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests;

/// <summary>The programs take every flag that the chart gives them: each is started with them, and ends only because this is no pod.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks whether the tests run in a pod, and puts a file where the chart mounts one.")]
public class FlagTests
{
    private const string NoPod = "this is no pod";

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public async Task The_agent_takes_its_flags(string name) =>
        (await LogOf(AgentProgram.RunAsync, [.. Arguments(ChartCases.Render(name).Agent), "--node-name=n1"])).Should().Contain(NoPod);

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public async Task The_operator_takes_its_flags_and_the_configuration_that_it_is_to_make(string name)
    {
        var chart = ChartCases.Render(name);
        var folder = Directory.CreateTempSubdirectory("damon-chart-");
        try
        {
            var file = Path.Combine(folder.FullName, "cluster.yaml");
            if (chart.OfKind("ConfigMap").SingleOrDefault(one => one.Name == "damon-cluster-config") is { } config)
                File.WriteAllText(file, config.TextAt("data", "cluster.yaml"));
            var arguments = Arguments(chart.Operator).Select(argument => argument.Replace("/etc/damon/config/cluster.yaml", file, StringComparison.Ordinal));
            (await LogOf(OperatorProgram.RunAsync, [.. arguments, "--namespace=damon-system"])).Should().Contain(NoPod);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public async Task The_jobs_are_verbs_of_the_operator(string name)
    {
        foreach (var job in ChartCases.Render(name).OfKind("Job"))
        {
            var arguments = Arguments((YamlMappingNode)job.At("spec", "template", "spec", "containers", "0")!);
            (await LogOf(OperatorProgram.RunAsync, [.. arguments, .. arguments[0] == "check" ? (string[])["--namespace=damon-system"] : []])).Should().Contain(NoPod);
        }
    }

    [Fact]
    public async Task A_flag_that_is_not_there_is_found() => (await LogOf(AgentProgram.RunAsync, ["--node-name=n1", "--pods=3"])).Should().Contain("there is no flag");

    [Theory]
    [InlineData("operator.clusterConfig.mode=Enforce,operator.clusterConfig.ceilings.agentCpu=3%", "")]
    [InlineData("operator.clusterConfig.modes=Enforce", "modes")]
    public async Task A_configuration_that_the_operator_cannot_read_keeps_it_from_starting(string values, string problem)
    {
        var folder = Directory.CreateTempSubdirectory("damon-chart-");
        try
        {
            var file = Path.Combine(folder.FullName, "cluster.yaml");
            File.WriteAllText(file, ChartProgram.Render("--set", values)["ConfigMap", "damon-cluster-config"].TextAt("data", "cluster.yaml"));
            (await LogOf(OperatorProgram.RunAsync, ["--namespace=a", $"--cluster-config={file}"])).Should().Contain(problem.Length == 0 ? NoPod : problem);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_operator_knows_the_agents_that_the_chart_makes()
    {
        var chart = ChartCases.Render("default");
        var selector = Arguments(chart.Operator).Single(argument => argument.StartsWith("--agent-selector=", StringComparison.Ordinal))["--agent-selector=".Length..];
        var labels = (YamlMappingNode)chart["DaemonSet", "damon-agent"].At("spec", "template", "metadata", "labels")!;
        foreach (var pair in selector.Split(',').Select(part => part.Split('=')))
            ((YamlScalarNode)labels[pair[0]]).Value.Should().Be(pair[1]);
        chart["Deployment", "damon-operator"].TextAt("metadata", "namespace").Should().Be(chart["DaemonSet", "damon-agent"].TextAt("metadata", "namespace"), "it looks for them in its own namespace");
    }

    private static IReadOnlyList<string> Arguments(YamlMappingNode container) => RenderedObject.Texts(container, "args");

    private static async Task<string> LogOf(Func<IReadOnlyList<string>, TextWriter, TextWriter, Task<int>> run, IReadOnlyList<string> arguments)
    {
        if (Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 })
            Assert.Skip("These tests run in a pod: the programs would begin to work.");
        using var log = new StringWriter();
        await run(arguments, TextWriter.Null, log);
        return log.ToString();
    }
}

using System.Text.Json;
using Damon.Chart.Tests.Rendering;
using Damon.Testing;

namespace Damon.Chart.Tests;

/// <summary>Every value is explained, has a place in the schema, and is in the README; what is no value, or a bad one, is refused by its name.</summary>
public class ValuesTests
{
    private const string Begin = "<!-- The table of values: made of values.yaml by make chart-refresh. -->\n";
    private const string End = "<!-- End of the table. -->\n";

    private static readonly ValuesTable Values = ValuesTable.Read(RepositoryFiles.Text("charts/damon/values.yaml"));

    [Fact]
    public void Every_value_has_a_comment() => Values.Unexplained.Should().BeEmpty();

    [Fact]
    public void A_value_without_one_is_found() => ValuesTable.Read("# About a.\na: 1\n\nb:\n  # About c.\n  c: 2\n  d: 3\n").Unexplained.Should().Equal("b.d");

    [Fact]
    public void The_readme_has_the_values_as_they_are()
    {
        var readme = RepositoryFiles.Text("charts/damon/README.md");
        var (from, to) = (readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, readme.IndexOf(End, StringComparison.Ordinal));
        from.Should().BeGreaterThan(Begin.Length, "the README has a place for them");
        GoldenFile.Compare("charts/damon/README.md", $"{readme[..from]}\n{Values.Markdown}\n{readme[to..]}");
    }

    [Fact]
    public void The_schema_knows_every_value_and_nothing_else()
    {
        using var schema = JsonDocument.Parse(RepositoryFiles.Text("charts/damon/values.schema.json"));
        var known = Properties(schema.RootElement, "").Where(path => path != "global").ToList();
        known.Should().BeEquivalentTo(Paths((YamlDotNet.RepresentationModel.YamlMappingNode)Values.Root, "", known));
    }

    [Fact]
    public void Every_object_of_the_schema_is_closed_or_free_and_everything_is_described()
    {
        using var schema = JsonDocument.Parse(RepositoryFiles.Text("charts/damon/values.schema.json"));
        Loose(schema.RootElement, "values").Should().BeEmpty();
    }

    [Theory]
    // Words that are no values, and values of a wrong type or beyond a bound.
    [InlineData("unknown", "unknown=1")]
    [InlineData("replica", "operator.replica=3")]
    [InlineData("profile", "agent.profile=standard")]
    [InlineData("securityProfile", "agent.securityProfile=root")]
    [InlineData("clusterMode", "operator.clusterMode=enforce")]
    [InlineData("replicas", "operator.replicas=0")]
    [InlineData("replicas", "operator.replicas=two")]
    [InlineData("nodeWorkers", "operator.nodeWorkers=65")]
    [InlineData("leaseDuration", "operator.leaseDuration=2s")]
    [InlineData("leaseDuration", "operator.leaseDuration=15")]
    [InlineData("podSeries", "agent.podSeries=201")]
    [InlineData("cpuCeiling", "agent.cpuCeiling=50m")]
    [InlineData("proc", "agent.hostPaths.proc=proc")]
    [InlineData("type", "agent.seccomp.type=localhost")]
    [InlineData("maxUnavailable", "agent.maxUnavailable=ten")]
    [InlineData("maxUnavailable", "agent.maxUnavailable=110%")]
    [InlineData("idlePage", "agent.backends.idlePage=yes")]
    [InlineData("digest", "agent.image.digest=latest")]
    [InlineData("token", "metrics.token=short")]
    [InlineData("address", "metrics.address=127.0.0.1")]
    [InlineData("agentPort", "metrics.agentPort=70000")]
    [InlineData("cidrs", "networkPolicy.apiServer.cidrs={10.0.0.1}")]
    [InlineData("runbookUrlPrefix", "prometheusRule.runbookUrlPrefix=runbooks")]
    [InlineData("timeout", "uninstall.timeout=2m")]
    [InlineData("timeout", "test.timeout=11m")]
    [InlineData("keep", "crds.keep=sometimes")]
    public void A_bad_value_is_refused_by_its_name(string name, string value)
    {
        var (exitCode, output) = ChartProgram.TryRender("--set", value);
        exitCode.Should().NotBe(0);
        output.Should().Contain("schema").And.Contain(name);
    }

    [Theory]
    [InlineData("v1.29.9", false)]
    [InlineData("v1.30.0", true)]
    [InlineData("v1.30.0-eks-1234567", true)]
    [InlineData("v1.36.4", true)]
    public void Servers_that_are_too_old_are_refused(string version, bool isTaken)
    {
        var (exitCode, output) = ChartProgram.TryRender("--kube-version", version);
        (exitCode == 0).Should().Be(isTaken, output);
        if (!isTaken)
            output.Should().Contain("kubeVersion");
    }

    private static IEnumerable<string> Properties(JsonElement schema, string above) =>
        !schema.TryGetProperty("properties", out var properties) ? [] : properties.EnumerateObject().SelectMany(property =>
            property.Value.TryGetProperty("properties", out _) ? Properties(property.Value, $"{above}{property.Name}.") : [above + property.Name]);

    /// <summary>Down to where the schema ends.</summary>
    private static IEnumerable<string> Paths(YamlDotNet.RepresentationModel.YamlMappingNode values, string above, List<string> known) => values.Children.SelectMany(pair =>
    {
        var path = above + ((YamlDotNet.RepresentationModel.YamlScalarNode)pair.Key).Value;
        return pair.Value is YamlDotNet.RepresentationModel.YamlMappingNode { Children.Count: > 0 } below && !known.Contains(path) ? Paths(below, path + ".", known) : [path];
    });

    private static IEnumerable<string> Loose(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("description", out _) && !schema.TryGetProperty("title", out _) && !path.EndsWith("{}", StringComparison.Ordinal))
            yield return $"{path} has no description";
        if (schema.TryGetProperty("properties", out var properties))
        {
            if (!schema.TryGetProperty("additionalProperties", out var further) || further.ValueKind != JsonValueKind.False)
                yield return $"{path} takes what it does not know";
            foreach (var loose in properties.EnumerateObject().SelectMany(property => Loose(property.Value, $"{path}.{property.Name}")))
                yield return loose;
        }

        if (schema.TryGetProperty("items", out var items))
        {
            foreach (var loose in Loose(items, path + "[]"))
                yield return loose;
        }
    }
}

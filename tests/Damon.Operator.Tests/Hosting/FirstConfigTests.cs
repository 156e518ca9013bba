using System.Text.Json.Nodes;
using Damon.Api.Clusters;
using Damon.Operator.Hosting;

namespace Damon.Operator.Tests.Hosting;

public class FirstConfigTests
{
    [Fact]
    public void Without_a_file_it_observes_and_says_nothing_else()
    {
        var first = FirstConfig.Read(file: null, "", mode: null, out _)!;
        first.Mode.Should().Be(ClusterMode.Observe);
        JsonNode.DeepEquals(
            JsonNode.Parse(first.Json.Span),
            JsonNode.Parse("""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"Observe"}}""")).Should().BeTrue();
        DamonClusterConfigReader.Read("x.json", first.Json.Span).Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData(null, ClusterMode.Enforce)]
    [InlineData(ClusterMode.Off, ClusterMode.Off)]
    public void A_file_is_taken_as_it_is_but_for_the_mode_of_the_flag(ClusterMode? flag, ClusterMode mode)
    {
        var first = FirstConfig.Read(
            "config.yaml",
            """
            apiVersion: damon.dev/v1alpha1
            kind: DamonClusterConfig
            metadata: {name: cluster, labels: {team: "true"}}
            spec:
              mode: Enforce
              optIn: true
              allowedActions: [Stat, Pageout]
              ceilings: {probesPerSecond: 1000, reclaimPerNode: 64Mi, agentCpu: 2%}
            """,
            flag,
            out var error)!;
        error.Should().BeEmpty();
        first.Mode.Should().Be(mode);
        var read = DamonClusterConfigReader.Read("x.json", first.Json.Span);
        read.Errors.Should().BeEmpty();
        (read.Config!.Spec.Mode, read.Config.Spec.OptIn, read.Config.Spec.Ceilings.ProbesPerSecond, read.Config.Spec.AllowedActions!.Count).Should().Be((mode, true, 1000, 2));
        JsonNode.Parse(first.Json.Span)!["metadata"]!["labels"]!["team"]!.GetValue<string>().Should().Be("true");
    }

    [Theory]
    [InlineData("spec: {}", "config.yaml")]
    [InlineData("apiVersion: damon.dev/v1alpha1\nkind: DamonClusterConfig\nmetadata: {name: cluster}\nspec: {mode: Sometimes}", "spec.mode")]
    [InlineData("apiVersion: damon.dev/v1alpha1\nkind: DamonClusterConfig\nmetadata: {name: cluster}\nspec: {optin: true}", "optin")]
    [InlineData("", "config.yaml")]
    public void A_file_that_is_wrong_is_refused_with_the_place(string text, string place)
    {
        FirstConfig.Read("config.yaml", text, mode: null, out var error).Should().BeNull();
        error.Should().Contain(place);
    }
}

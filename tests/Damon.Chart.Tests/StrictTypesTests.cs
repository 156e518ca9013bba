extern alias Typed;

using Damon.Chart.Tests.Rendering;
using KubernetesYaml = Typed::k8s.KubernetesYaml;

namespace Damon.Chart.Tests;

/// <summary>Every object of a built-in kind has only fields that the kind has: a server that is asked strictly takes it, and one that is not drops nothing silently.</summary>
public class StrictTypesTests
{
    /// <summary>Kinds of others, for which there are no types here.</summary>
    private static readonly string[] OfOthers = ["ServiceMonitor", "PodMonitor", "PrometheusRule"];

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void Every_document_has_only_fields_of_its_kind(string name)
    {
        foreach (var one in ChartCases.Render(name).Objects.Where(one => !OfOthers.Contains(one.Kind)))
        {
            var parsing = () => KubernetesYaml.LoadAllFromString(one.Text, typeMap: null, strict: true);
            parsing.Should().NotThrow("{0} must be one", one).Which.Should().ContainSingle();
        }
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIp: None}")]
    [InlineData("apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: {template: {spec: {hostPid: true} } }")]
    public void A_field_that_a_kind_has_not_is_found(string yaml)
    {
        var parsing = () => KubernetesYaml.LoadAllFromString(yaml, typeMap: null, strict: true);
        parsing.Should().Throw<Exception>();
    }
}

using Damon.Chart.Tests.Rendering;
using Damon.Testing;

namespace Damon.Chart.Tests;

/// <summary>The definitions of the chart are those of deploy/crds: Helm reads nothing outside of a chart, so they are copies (make chart-sync).</summary>
public class DefinitionTests
{
    public static TheoryData<string> Files => new(RepositoryFiles.Names("deploy/crds"));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_copy_is_the_same_to_the_byte(string file) =>
        // Not shown where it differs: it is a thousand lines.
        (RepositoryFiles.Text($"charts/damon/files/crds/{file}") == RepositoryFiles.Text($"deploy/crds/{file}")).Should().BeTrue("charts/damon/files/crds/{0} is a copy of deploy/crds/{0}; make chart-sync makes it", file);

    [Fact]
    public void There_is_no_copy_of_what_is_not_there() => RepositoryFiles.Names("charts/damon/files/crds").Should().Equal(RepositoryFiles.Names("deploy/crds"));

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_rendered_says_the_same(string file)
    {
        var source = RenderedChart.Parse(RepositoryFiles.Text($"deploy/crds/{file}")).Objects.Single();
        var rendered = ChartCases.Render("default")["CustomResourceDefinition", source.Name];
        rendered.ApiVersion.Should().Be(source.ApiVersion);
        CanonicalYaml.Of(rendered.At("spec")).Should().Be(CanonicalYaml.Of(source.At("spec")));
    }

    [Theory]
    [InlineData("default", 3, "keep")]
    [InlineData("crds-go", 3, "")]
    [InlineData("lean", 0, "")]
    public void They_are_there_and_stay_as_the_values_say(string name, int count, string policy)
    {
        var definitions = ChartCases.Render(name).OfKind("CustomResourceDefinition").ToList();
        definitions.Select(one => one.TextAt("metadata", "annotations", "helm.sh/resource-policy")).Should().Equal(Enumerable.Repeat(policy, count));
    }
}

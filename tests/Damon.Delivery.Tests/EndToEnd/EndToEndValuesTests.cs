using Damon.Testing;
using YamlDotNet.RepresentationModel;

namespace Damon.Delivery.Tests.EndToEnd;

/// <summary>What the end-to-end tests set in the chart is there to be set.</summary>
public class EndToEndValuesTests
{
    private const string Values = "charts/damon/values.yaml";

    [Fact]
    public void Every_value_that_they_set_is_one_of_the_chart()
    {
        Assert.SkipUnless(RepositoryEntries.Has(Values), $"there is no {Values}");
        var known = Paths(Root(Values), "").ToHashSet(StringComparer.Ordinal);

        Paths(Root("tests/e2e/values.yaml"), "").Where(path => !known.Contains(path)).Should().BeEmpty();
        known.Should().Contain(["image.registry", "image.tag", "operator.podAnnotations"], "tests/e2e/run sets them");
    }

    private static YamlMappingNode Root(string path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(RepositoryFiles.Text(path)));
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    private static IEnumerable<string> Paths(YamlMappingNode mapping, string parent) => mapping.Children.SelectMany(child =>
    {
        var path = parent + ((YamlScalarNode)child.Key).Value;
        return child.Value is YamlMappingNode below ? Paths(below, path + ".").Prepend(path) : [path];
    });
}

using System.Reflection;

namespace Damon.Engine.Tests.Conformance;

/// <summary>The ids of docs/reference/conformance.md: a test whose name begins with an id holds that vector.</summary>
public class VectorNameTests
{
    private static readonly string[] Ids =
    [
        .. Enumerable.Range(1, 28).Where(i => i != 14).Select(i => $"A{i}"),
        "B1", "B2", "B5", "B6", "B7", "B9", "B10", "B11", "B13",
        .. Enumerable.Range(1, 8).Select(i => $"S{i}"),
    ];

    [Fact]
    public void Every_vector_has_a_test()
    {
        var tested = typeof(VectorNameTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(method => method.GetCustomAttribute<FactAttribute>() is { Skip: null })
            .Select(method => method.Name.Split('_')[0])
            .ToHashSet();

        Ids.Except(tested).Should().BeEmpty();
    }
}

using Damon.Operator.Rollouts;

namespace Damon.Operator.Tests.Rollouts;

public class NodeOrderTests
{
    // Computed apart: FNV-1a (offset 14695981039346656037, prime 1099511628211) over UTF-16 units, one multiplication between the texts, then SplitMix64's finalizer.
    [Theory]
    [InlineData("uid-of-a", "node-000", 11350964740414047064UL)]
    [InlineData("uid-of-a", "node-001", 5267614591213949257UL)]
    [InlineData("uid-of-b", "node-000", 17351117816209419466UL)]
    public void The_order_is_the_same_in_every_version_of_the_operator(string uid, string node, ulong order) => NodeOrder.Of(uid, node).Should().Be(order);

    [Fact]
    public void Other_schemes_have_other_nodes_first_and_every_node_is_first_for_some()
    {
        var nodes = Enumerable.Range(0, 50).Select(i => $"ip-10-0-0-{i}").ToList();
        var first = Enumerable.Range(0, 2000).Select(i => nodes.MinBy(node => NodeOrder.Of($"6f1c2f5e-0000-4000-8000-{i:x12}", node))!).CountBy(node => node).ToDictionary();
        first.Should().HaveCount(50);
        first.Values.Max().Should().BeLessThan(100, "each is first for 40 on average");
    }
}

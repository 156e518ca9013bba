using Damon.Api.Schemes;
using Damon.Operator.Nodes;
using Damon.Operator.Schemes;

namespace Damon.Operator.Tests.Schemes;

public class LabelSelectorsTests
{
    private static readonly NodeLabels Labels = new([new("zone", "b"), new("empty", ""), new("disk", "ssd")]);

    [Theory]
    [InlineData("zone", SelectorOperator.In, "a,b", true)]
    [InlineData("zone", SelectorOperator.In, "a", false)]
    [InlineData("none", SelectorOperator.In, "a", false)]
    [InlineData("zone", SelectorOperator.NotIn, "a", true)]
    [InlineData("zone", SelectorOperator.NotIn, "a,b", false)]
    [InlineData("none", SelectorOperator.NotIn, "a", true)] // Absent is not in.
    [InlineData("empty", SelectorOperator.In, "", true)]
    [InlineData("empty", SelectorOperator.Exists, null, true)]
    [InlineData("none", SelectorOperator.Exists, null, false)]
    [InlineData("none", SelectorOperator.DoesNotExist, null, true)]
    [InlineData("disk", SelectorOperator.DoesNotExist, null, false)]
    public void An_expression_compares_as_Kubernetes_does(string key, SelectorOperator how, string? values, bool isSelected) =>
        new LabelSelector { MatchExpressions = [new() { Key = key, Operator = how, Values = values?.Split(',') ?? [] }] }.Selects(Labels).Should().Be(isSelected);

    [Theory]
    [InlineData("zone=b", true)]
    [InlineData("zone=b disk=ssd empty=", true)]
    [InlineData("zone=b disk=hdd", false)]
    [InlineData("none=", false)]
    [InlineData("", true)]
    public void All_labels_must_be_there(string labels, bool isSelected) =>
        new LabelSelector { MatchLabels = labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).ToDictionary(one => one[0], one => one[1]) }.Selects(Labels).Should().Be(isSelected);

    [Fact]
    public void No_selector_selects_all() => ((LabelSelector?)null).Selects(NodeLabels.None).Should().BeTrue();
}

using CsCheck;
using Damon.Api.Schemes;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Plans;

namespace Damon.NodeAgent.Tests.Plans;

public class DestinationResolverTests
{
    private static readonly MemoryTiers TwoTiers = MemoryTiers.Of(fast: [0, 1], slow: [2, 3, 4]);

    // Destinations as name or name*weight; nodes that they are, as node*weight.
    [Theory]
    [InlineData("1 3*4", "1*1 3*4")]
    [InlineData("1*10 3*4", "1*5 3*2")] // only proportions count
    [InlineData("Fast", "0*1 1*1")]
    [InlineData("Slow*7", "2*1 3*1 4*1")]
    [InlineData("0*2 Slow", "0*6 2*1 3*1 4*1")] // a third of the tier's weight each
    [InlineData("Slow*3 0", "2*1 3*1 4*1 0*1")]
    [InlineData("3 Slow", "3*4 2*1 4*1")] // 1 and a third
    [InlineData("Slow*1000 9*1000", "2*1 3*1 4*1 9*3")]
    [InlineData("", "")]
    public void A_tiers_weight_is_divided_evenly_over_its_nodes(string named, string expected)
    {
        DestinationResolver.Resolve(Specs(named), TwoTiers, out var destinations).Should().BeNull();

        string.Join(' ', destinations.Select(destination => $"{destination.Node}*{destination.Weight}")).Should().Be(expected);
    }

    [Theory]
    [InlineData("1 0 1*5", "action.destinations[2].node", "give it once")]
    [InlineData("Slow 0 Slow", "action.destinations[2].tier", "give it once")]
    [InlineData("Slow Fast", "action.destinations[1].tier", "all memory")]
    public void What_is_said_twice_is_named(string named, string field, string why)
    {
        DestinationResolver.Resolve(Specs(named), TwoTiers, out var destinations).Should().Match<SchemeProblem?>(
            problem => problem!.Value.Field == field && problem.Value.Reason == "UnsupportedField" && problem.Value.Why.Contains(why));
        destinations.Should().BeEmpty();
    }

    public static TheoryData<MemoryTiers, string> Unavailable => new()
    {
        { MemoryTiers.NotRead, "MemoryTiersUnknown" },
        { MemoryTiers.Of([0], []), "OneMemoryNode" },
        { MemoryTiers.Of([0, 1], []), "OneMemoryTier" },
    };

    [Theory]
    [MemberData(nameof(Unavailable))]
    public void A_tier_that_the_machine_does_not_have_is_refused_with_a_stable_reason_and_nodes_are_not(MemoryTiers tiers, string reason)
    {
        foreach (var tier in (string[])["Fast", "Slow"])
        {
            DestinationResolver.Resolve(Specs($"1 {tier}"), tiers, out _).Should().Match<SchemeProblem?>(problem => problem!.Value.Field == "action.destinations[1].tier" && problem.Value.Reason == reason);
        }

        DestinationResolver.Resolve(Specs("1 3"), tiers, out var destinations).Should().BeNull();
        destinations.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void A_tier_has_as_many_nodes_as_there_can_be_destinations(int nodes, bool fits)
    {
        var problem = DestinationResolver.Resolve(Specs("Slow"), MemoryTiers.Of([100], [.. Enumerable.Range(0, nodes)]), out var destinations);

        (problem is null, destinations.Count).Should().Be((fits, fits ? nodes : 0));
        (problem?.Field).Should().Be(fits ? null : "action.destinations[0].tier");
    }

    [Fact]
    public void What_is_resolved_the_engine_takes_and_each_has_its_part() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[1, 1000], Gen.Int[1, 15], Gen.Int[0, 20]).Sample((tierWeight, nodeWeight, nodes, named) =>
        {
            var tiers = MemoryTiers.Of([100], [.. Enumerable.Range(0, nodes)]);

            DestinationResolver.Resolve([new() { Tier = MemoryTier.Slow, Weight = tierWeight }, new() { Node = named, Weight = nodeWeight }], tiers, out var destinations).Should().BeNull();

            var plan = new Damon.Engine.Monitoring.MonitoringPlan(
                Damon.Engine.Monitoring.MonitoringIntervals.Default, Damon.Engine.Regions.RegionLimits.Default, [new SchemeDescription("s", SchemeAction.MigrateCold, new()) { Destinations = destinations }]);
            plan.Check().Should().BeEmpty();
            var sum = destinations.Sum(destination => (double)destination.Weight);
            foreach (var (node, weight) in destinations)
            {
                var part = (node < nodes ? (double)tierWeight / nodes : 0) + (node == named ? nodeWeight : 0);
                (weight / sum).Should().BeApproximately(part / (tierWeight + nodeWeight), 1e-12);
            }
        });

    private static List<DestinationSpec> Specs(string named) => [.. named.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('*')).Select(Spec)];

    private static DestinationSpec Spec(string[] parts) => new()
    {
        Node = int.TryParse(parts[0], out var node) ? node : null,
        Tier = Enum.TryParse<MemoryTier>(parts[0], out var tier) && !char.IsDigit(parts[0][0]) ? tier : null,
        Weight = parts.Length > 1 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : null,
    };
}

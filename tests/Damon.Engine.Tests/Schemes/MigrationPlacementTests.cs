using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class MigrationPlacementTests
{
    private static readonly Gen<MigrationDestination[]> Destinations =
        Gen.Select(Gen.Int[0, 1023], Gen.Int[0, 9], (node, weight) => new MigrationDestination(node, weight)).Array[1, 16]
            .Select(all => all.DistinctBy(destination => destination.Node).ToArray());

    // index      0 1 2 3 4 5 6 7 8
    // slot of 9  0 1 2 3 4 5 6 7 8
    // weights    2 | 3   | 4
    [Fact]
    public void Folios_are_counted_off_along_the_destinations_by_their_weights()
    {
        MigrationDestination[] destinations = [new(1, 2), new(2, 3), new(3, 4)];

        Enumerable.Range(0, 12).Select(index => MigrationPlacement.NodeOf((ulong)index, destinations)).Should().Equal(1, 1, 2, 2, 2, 3, 3, 3, 3, 1, 1, 2);
    }

    [Theory]
    [InlineData(0x1234UL, 0, 0x1234UL)]
    [InlineData(511UL, 9, 0UL)]
    [InlineData(512UL, 9, 1UL)]
    [InlineData(ulong.MaxValue, 63, 1UL)]
    public void A_folios_index_is_that_of_its_first_page_in_units_of_its_size(ulong page, int order, ulong folio) => MigrationPlacement.FolioIndex(page, order).Should().Be(folio);

    [Fact]
    public void Weights_that_are_all_0_leave_everything_where_it_is()
    {
        MigrationPlacement.NodeOf(7, [new(1, 0), new(2, 0)]).Should().Be(MigrationPlacement.Stays);
        MigrationPlacement.NodeOf(7, []).Should().Be(MigrationPlacement.Stays);
        MigrationPlacement.NodeOf(7, [new(1, -5), new(2, int.MinValue)]).Should().Be(MigrationPlacement.Stays);
    }

    [Fact]
    public void A_destination_of_weight_0_gets_nothing() =>
        Enumerable.Range(0, 100).Select(index => MigrationPlacement.NodeOf((ulong)index, [new(1, 0), new(2), new(3, 0)])).Should().OnlyContain(node => node == 2);

    [Fact]
    public void The_largest_weights_and_indices_are_within_the_arithmetic()
    {
        var destinations = Enumerable.Range(0, 16).Select(node => new MigrationDestination(node, int.MaxValue)).ToArray();

        MigrationPlacement.NodeOf(ulong.MaxValue, destinations).Should().BeInRange(0, 15);
        MigrationPlacement.NodeOf((16UL * int.MaxValue) - 1, destinations).Should().Be(15);
    }

    [Fact]
    public void Each_destination_gets_exactly_its_weight_of_every_full_round() => Destinations.Sample(destinations =>
    {
        var sum = (ulong)destinations.Sum(destination => destination.Weight);
        for (var from = 0UL; from < 3 * sum; from += Math.Max(1, sum))
        {
            var nodes = Enumerable.Range(0, (int)sum).Select(i => MigrationPlacement.NodeOf(from + (ulong)i, destinations)).ToList();
            destinations.Should().OnlyContain(destination => nodes.Count(node => node == destination.Node) == destination.Weight);
        }
    });
}

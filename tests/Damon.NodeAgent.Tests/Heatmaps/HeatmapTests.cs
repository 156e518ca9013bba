using Damon.Engine.Regions;
using Damon.NodeAgent.Heatmaps;

namespace Damon.NodeAgent.Tests.Heatmaps;

public class HeatmapTests
{
    [Fact]
    public void Rates_are_spread_over_the_columns_that_a_region_covers()
    {
        var heatmap = new Heatmap(columns: 4, maxRows: 10);

        // 0      100      200      300      400
        // |  0/20  |  20/20        |  5/20   |
        heatmap.Add(Table(new Region(0, 100, 0), new Region(100, 250, 20), new Region(250, 400, 5)), 20);

        heatmap.Rows.Should().ContainSingle().Which.Should().Equal(0, 1, 0.625, 0.25);
    }

    [Fact]
    public void Gaps_are_not_on_the_axis()
    {
        var heatmap = new Heatmap(columns: 2, maxRows: 10);

        heatmap.Add(Table(new Region(0, 100, 20), new Region(1_000_000, 1_000_100, 0)), 20);

        heatmap.Rows[0].Should().Equal(1, 0);
        heatmap.BytesPerColumn.Should().Be(100);
    }

    [Fact]
    public void Full_rows_become_half_as_many_and_no_time_is_lost()
    {
        var heatmap = new Heatmap(columns: 1, maxRows: 4);
        for (var i = 0; i < 8; i++)
        {
            heatmap.Add(Table(new Region(0, 100, (uint)(i < 4 ? 0 : 20))), 20);
        }

        heatmap.AggregationsPerRow.Should().Be(4);
        heatmap.Rows.Select(r => r[0]).Should().Equal(0, 1);
    }

    [Fact]
    public void A_new_address_space_begins_a_new_map()
    {
        var heatmap = new Heatmap(columns: 1, maxRows: 10);
        heatmap.Add(Table(new Region(0, 100, 20)), 20);

        heatmap.Add(Table(new Region(5000, 6000, 10)), 20);

        heatmap.Rows.Should().ContainSingle().Which.Should().Equal(0.5);
        heatmap.Axis.Should().Equal(new AddressRange(5000, 6000));
    }

    [Fact]
    public void A_target_without_memory_adds_nothing()
    {
        var heatmap = new Heatmap(columns: 1, maxRows: 10);

        heatmap.Add(Table(), 20);

        heatmap.Rows.Should().BeEmpty();
    }

    private static RegionTable Table(params Region[] regions)
    {
        var table = new RegionTable(1);
        foreach (var region in regions)
        {
            table.Append(region);
        }

        return table;
    }
}

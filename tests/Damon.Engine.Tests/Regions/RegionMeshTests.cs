using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class RegionMeshTests
{
    private const uint Samples = 20;

    [Fact]
    public void What_was_seen_is_remembered_over_several_aggregations()
    {
        var mesh = new RegionMesh();
        for (var i = 0; i < 10; i++)
        {
            mesh.Learn(Table(0, 1), Samples);
        }

        mesh.Cells[1].Rate.Should().BeApproximately(0.05f, 0.001f);
        mesh.Cells[1].Samples.Should().BeGreaterThan(100);
    }

    [Fact]
    public void A_change_of_the_rate_beyond_chance_makes_everything_older_forgotten()
    {
        var mesh = new RegionMesh();
        for (var i = 0; i < 10; i++)
        {
            mesh.Learn(Table(0, 0), Samples);
        }

        mesh.Learn(Table(0, 20), Samples);

        mesh.Cells[1].Rate.Should().Be(1);
        mesh.Cells[1].Samples.Should().Be(Samples);
        mesh.Cells[0].Samples.Should().BeGreaterThan(100);
    }

    [Theory]
    [InlineData(0u, 1u, false)] // One access is always chance.
    [InlineData(0u, 2u, false)]
    [InlineData(0u, 20u, true)]
    [InlineData(10u, 12u, false)]
    [InlineData(0u, 10u, true)]
    public void Two_counts_differ_only_beyond_chance(uint left, uint right, bool differ)
    {
        var mesh = new RegionMesh();
        mesh.Learn(Table(left, right), Samples);

        mesh.Cells[0].DiffersFrom(mesh.Cells[1].Rate, mesh.Cells[1].Samples).Should().Be(differ);
    }

    [Fact]
    public void A_part_knows_less_than_the_whole_that_it_was_cut_from()
    {
        var mesh = new RegionMesh();
        var whole = new RegionTable(1);
        whole.Append(new Region(0, 1000, 5));
        mesh.Learn(whole, Samples);
        var before = mesh.Cells[0].Samples;
        var parts = new RegionTable(1);
        parts.Append(new Region(0, 400, 5));
        parts.Append(new Region(400, 1000, 5));

        mesh.Learn(parts, Samples);

        mesh.Cells[0].Samples.Should().BeGreaterThan(Samples).And.BeLessThan(before + Samples);
        mesh.Cells[0].Rate.Should().BeApproximately(0.25f, 0.01f);
    }

    [Fact]
    public void A_piece_over_two_former_ones_knows_their_mean_by_bytes()
    {
        var mesh = new RegionMesh();
        mesh.Learn(Table(0, 8), Samples);
        var joined = new RegionTable(1);
        joined.Append(new Region(0, 200, 4));

        mesh.Learn(joined, Samples);

        mesh.Cells.Length.Should().Be(1);
        mesh.Cells[0].Rate.Should().BeApproximately(0.2f, 0.001f);
    }

    [Fact]
    public void Where_cuts_tell_nothing_apart_interest_fades_and_a_difference_brings_it_back()
    {
        var mesh = new RegionMesh();
        for (var i = 0; i < 30; i++)
        {
            mesh.Learn(Table(5, 5, 5, 5), Samples);
        }

        mesh.Cells[1].Gain.Should().BeLessThan(0.05f);
        mesh.Learn(Table(5, 20, 5, 5), Samples);

        mesh.Cells[1].Gain.Should().Be(1);
        mesh.Cells[3].Gain.Should().BeLessThan(0.05f);
    }

    [Fact]
    public void A_few_accesses_more_than_everywhere_around_are_noticed_even_if_no_single_neighbour_shows_it()
    {
        var mesh = new RegionMesh();
        var counts = new uint[33];
        counts.AsSpan().Fill(1);
        counts[16] = 4;
        for (var i = 0; i < 8; i++)
        {
            mesh.Learn(Table(counts), Samples);
        }

        mesh.Cells[16].Gain.Should().Be(1);
        mesh.Cells[8].Gain.Should().BeLessThan(0.5f);
    }

    private static RegionTable Table(params uint[] counts)
    {
        var table = new RegionTable(1);
        for (var i = 0; i < counts.Length; i++)
        {
            table.Append(new Region((ulong)i * 100, (ulong)(i + 1) * 100, counts[i]));
        }

        return table;
    }
}

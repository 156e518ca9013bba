using System.Text;
using CsCheck;
using Damon.Engine.Host;

namespace Damon.Engine.Tests.Host;

public class ZoneinfoTests
{
    // As Linux 6.12 writes it, shortened; "high:" of the processors' page sets is not the watermark.
    private const string Two = """
        Node 0, zone      DMA
          per-node stats
              nr_inactive_anon 567810
          pages free     3840
                boost    0
                min      35
                low      43
                high     51
                promo    59
                spanned  4095
          pagesets
            cpu: 0
                      count:    0
                      high:     9999
        Node 0, zone   Normal
          pages free     100
                boost    0
                min      7154
                high     10730
        Node 10, zone   Normal
          pages free     700
                high     300

        """;

    [Theory]
    [InlineData(0, 3789)]
    [InlineData(10, 400)]
    public void A_node_s_room_is_what_its_zones_have_free_above_their_high_watermarks(int node, ulong pages)
    {
        Zoneinfo.TryGetFreeAboveHigh(Encoding.UTF8.GetBytes(Two), node, out var found).Should().BeTrue();
        found.Should().Be(pages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Node 1, zone Normal\n")]
    [InlineData("Node 1, zone Normal\n  pages free 5\n")]
    [InlineData("Node 1, zone Normal\n  pages free 5\nNode 2, zone Normal\n  pages free 5\n high 1\n")]
    [InlineData("Node 1, zone Normal\n  pages free x\n high 1\n")]
    [InlineData("Node 1, zone Normal\n  pages free 5\n high\n")]
    [InlineData("Node 1, zone Normal\n  pages free 5\n pages free 6\n high 1\n")]
    [InlineData("Node 2, zone Normal\n  pages free 5\n high 1\n")]
    public void A_node_that_is_missing_or_cut_short_has_no_number(string text) => Zoneinfo.TryGetFreeAboveHigh(Encoding.UTF8.GetBytes(text), 1, out _).Should().BeFalse();

    [Fact]
    public void Whatever_the_bytes_nothing_is_thrown() =>
        Gen.Select(Gen.Int[0, Two.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var bytes = Encoding.UTF8.GetBytes(Two);
            bytes[at] = value;
            _ = Zoneinfo.TryGetFreeAboveHigh(bytes, 0, out _);
            _ = Zoneinfo.TryGetFreeAboveHigh(bytes.AsSpan(0, at), 0, out _);
        });
}

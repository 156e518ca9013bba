using System.Text;
using Damon.Demo.Events;
using Damon.Demo.Measures;

namespace Damon.Demo.Tests.Measures;

public class ResidentMemoryTests
{
    private static readonly WorkloadRegion[] Regions = [new("hot", 0x10000, 0x14000, "/x/0-hot"), new("cold", 0x20000, 0x30000, "/x/1-cold")];

    private static readonly string Hot = Mapping(0x10000, 0x14000, rss: 16, "/x/0-hot");
    private static readonly string Cold = Mapping(0x20000, 0x30000, rss: 64, "/x/1-cold");
    private static readonly string Program = Mapping(0x8000, 0x9000, rss: 4, "/usr/bin/program");

    [Fact]
    public void Each_region_has_what_its_mapping_has()
    {
        var resident = From(Program + Hot + Cold)!;

        resident.RegionBytes.Should().Equal(16 << 10, 64 << 10);
        resident.TotalBytes.Should().Be(84 << 10);
        resident.ElsewhereBytes.Should().Be(4 << 10);
    }

    [Fact]
    public void A_region_that_the_kernel_cut_in_two_has_both_parts() =>
        From(Hot + Mapping(0x20000, 0x24000, rss: 12, "/x/1-cold") + Mapping(0x24000, 0x30000, rss: 8, "/x/1-cold"))!.RegionBytes.Should().Equal(16 << 10, 20 << 10);

    [Fact]
    public void A_neighbour_that_touches_a_region_is_not_of_it() =>
        From(Mapping(0xF000, 0x10000, rss: 4, "") + Hot + Mapping(0x14000, 0x15000, rss: 4, "") + Cold)!.RegionBytes.Should().Equal(16 << 10, 64 << 10);

    [Fact]
    public void A_mapping_over_a_regions_edge_is_refused() => From(Hot + Mapping(0x1F000, 0x30000, rss: 4, "")).Should().BeNull();

    [Fact]
    public void A_region_without_all_of_its_mappings_is_refused()
    {
        From(Hot).Should().BeNull();
        From(Hot + Mapping(0x20000, 0x24000, rss: 12, "/x/1-cold")).Should().BeNull();
    }

    [Fact]
    public void A_file_cut_short_is_refused()
    {
        var smaps = Hot + Cold;
        // The last mapping is whole once its Referenced line is there; before that, every cut must be noticed.
        var whole = smaps.LastIndexOf("Referenced:", StringComparison.Ordinal);
        for (var length = 0; length < whole; length++)
            From(smaps[..length]).Should().BeNull();
    }

    private static ResidentMemory? From(string smaps) => ResidentMemory.From(Encoding.UTF8.GetBytes(smaps), Regions);

    private static string Mapping(ulong start, ulong end, int rss, string path) =>
        $"{start:x8}-{end:x8} rw-s 00000000 fe:00 7    {path}\nSize:   {(end - start) >> 10} kB\nRss:    {rss} kB\nPss:    {rss} kB\nReferenced:    0 kB\nVmFlags: rd wr sh\n";
}

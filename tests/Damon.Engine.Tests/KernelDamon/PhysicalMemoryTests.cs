using CsCheck;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Regions;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

public class PhysicalMemoryTests
{
    private const string OneRangeOverTwoNodes =
        """
        00000000-00000fff : Reserved
        00001000-0009fbff : System RAM
        000a0000-000bffff : PCI Bus 0000:00
        00100000-3fffffff : System RAM
          01000000-01ffffff : Kernel code

        """;

    private const string TwoNodes =
        """
        Node 0, zone      DMA
          per-node stats
              nr_inactive_anon 0
          pages free     3840
                spanned  4095
                present  3998
          start_pfn:           1
        Node 0, zone    DMA32
                spanned  126976
                present  126976
          start_pfn:           4096
        Node 0, zone   Normal
                spanned  0
                present  0
          start_pfn:           0
        Node 1, zone    DMA32
                spanned  131072
                present  131072
          start_pfn:           131072

        """;

    [Fact]
    public void Nodes_are_told_apart_where_the_kernel_shows_their_memory_as_one_range()
    {
        var memory = Read(OneRangeOverTwoNodes, TwoNodes).Value;

        memory.Ranges.Should().Equal(new AddressRange(0x1000, 0x9f000), new AddressRange(0x100000, 0x40000000));
        memory.NodeRanges[0].Should().Equal(new AddressRange(0x1000, 0x9f000), new AddressRange(0x100000, 0x20000000));
        memory.NodeRanges[1].Should().Equal(new AddressRange(0x20000000, 0x40000000));
    }

    [Fact]
    public void Memory_behind_a_window_is_memory_too() =>
        Read("480000000-57fffffff : CXL Window 0\n  480000000-57fffffff : System RAM (kmem)\n", "Node 1, zone  Movable\n spanned 1048576\n start_pfn: 4718592\n").Value.NodeRanges[1]
            .Should().Equal(new AddressRange(0x480000000, 0x580000000));

    [Fact]
    public void Addresses_that_are_hidden_name_the_right_that_is_missing() =>
        Read("00000000-00000000 : System RAM\n00000000-00000000 : System RAM\n", TwoNodes).Error.Kind.Should().Be(HostErrorKind.Denied);

    [Theory]
    [InlineData("", TwoNodes)]
    [InlineData("00001000-0009fbff : Reserved\n", TwoNodes)]
    [InlineData("0009fbff-00001000 : System RAM\n", TwoNodes)]
    [InlineData("zz-9 : System RAM\n", TwoNodes)]
    [InlineData("1000 : System RAM\n", TwoNodes)]
    [InlineData("00001000-ffffffffffffffff : System RAM\n", TwoNodes)]
    [InlineData(OneRangeOverTwoNodes, "")]
    [InlineData(OneRangeOverTwoNodes, "Node x, zone DMA\n")]
    [InlineData(OneRangeOverTwoNodes, "Node 99999999999, zone DMA\n")]
    [InlineData(OneRangeOverTwoNodes, "spanned 10\nstart_pfn: 1\n")]
    [InlineData(OneRangeOverTwoNodes, "Node 0, zone DMA\nspanned 18446744073709551615\nstart_pfn: 1\n")]
    [InlineData(OneRangeOverTwoNodes, "Node 0, zone DMA\nspanned 10\nstart_pfn: 18446744073709551615\n")]
    [InlineData(OneRangeOverTwoNodes, "Node 0, zone DMA\nspanned\n")]
    [InlineData(OneRangeOverTwoNodes, "Node 0, zone DMA\nspanned 0\nstart_pfn: 1\n")]
    public void Files_that_are_not_the_kernels_are_refused(string iomem, string zoneinfo) => Read(iomem, zoneinfo).Error.Kind.Should().Be(HostErrorKind.Malformed);

    [Fact]
    public void Whatever_the_files_say_ranges_ascend_do_not_overlap_and_are_of_whole_pages() =>
        Gen.Select(Gen.ULong[0, 1UL << 40], Gen.ULong[0, 1UL << 24]).Array[1, 20].Select(Gen.Select(Gen.Int[0, 3], Gen.ULong[0, 1UL << 28], Gen.ULong[0, 1UL << 20]).Array[1, 20]).Sample((lines, zones) =>
        {
            var memory = Read(
                string.Concat(lines.Select(line => $"{line.Item1:x8}-{line.Item1 + line.Item2:x8} : System RAM\n")),
                string.Concat(zones.Select(zone => $"Node {zone.Item1}, zone Normal\n spanned {zone.Item3}\n start_pfn: {zone.Item2}\n")));
            if (!memory.TryGet(out var found))
            {
                return;
            }

            foreach (var ranges in found.NodeRanges.Values.Append(found.Ranges))
            {
                ranges.All(range => range.Start < range.End && range.Start % 4096 == 0 && range.End % 4096 == 0).Should().BeTrue();
                ranges.Zip(ranges.Skip(1)).All(pair => pair.First.End <= pair.Second.Start).Should().BeTrue();
            }
        });

    private static HostResult<PhysicalMemory> Read(string iomem, string zoneinfo)
    {
        using var host = FakeHost.With(("/proc/iomem", iomem), ("/proc/zoneinfo", zoneinfo));
        return PhysicalMemory.Read(host.Root, 4096);
    }
}

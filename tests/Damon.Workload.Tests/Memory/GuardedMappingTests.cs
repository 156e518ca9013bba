using System.Globalization;
using Damon.Workload.Memory;

namespace Damon.Workload.Tests.Memory;

public class GuardedMappingTests
{
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;

    [Fact]
    public void Neighbouring_mappings_stay_apart()
    {
        using var one = GuardedMapping.TryCreate(3 * Page, Page, file: null, out _);
        using var other = GuardedMapping.TryCreate(5 * Page, Page, file: null, out _);

        AccessibleMappings().Should().Contain((one!.Start, one.Start + (3 * Page))).And.Contain((other!.Start, other.Start + (5 * Page)));
    }

    [Theory]
    [InlineData(4096UL)]
    [InlineData(2UL << 20)]
    public void The_start_is_aligned(ulong alignmentBytes)
    {
        using var mapping = GuardedMapping.TryCreate(alignmentBytes, alignmentBytes, file: null, out var errorNumber);

        errorNumber.Should().Be(0);
        (mapping!.Start % alignmentBytes).Should().Be(0);
    }

    [Fact]
    public void Too_much_address_space_is_refused_with_the_kernels_reason()
    {
        using var mapping = GuardedMapping.TryCreate(1UL << 60, Page, file: null, out var errorNumber);

        mapping.Should().BeNull();
        GuardedMapping.Describe(errorNumber).Should().Contain("memory");
    }

    [Fact]
    public void Disposing_gives_the_addresses_back()
    {
        var mapping = GuardedMapping.TryCreate(7 * Page, Page, file: null, out _)!;
        mapping.WriteEachPage(TestContext.Current.CancellationToken);
        var place = (mapping.Start, mapping.Start + mapping.SizeBytes);
        AccessibleMappings().Should().Contain(place);

        mapping.Dispose();
        mapping.Dispose();

        AccessibleMappings().Should().NotContain(place);
    }

    /// <summary>The readable and writable mappings of this process, from lines such as <c>7f00-7f10 rw-p 00000000 00:00 0</c>.</summary>
    private static List<(ulong Start, ulong End)> AccessibleMappings()
    {
        ToolFiles.TryReadText("/proc/self/maps", out var text, out _).Should().BeTrue();
        return
        [
            .. text!.Split('\n')
                .Select(line => line.Split(' '))
                .Where(fields => fields.Length > 1 && fields[1].StartsWith("rw", StringComparison.Ordinal))
                .Select(fields => fields[0].Split('-'))
                .Select(range => (ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))),
        ];
    }
}

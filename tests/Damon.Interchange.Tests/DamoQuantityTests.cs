using CsCheck;

namespace Damon.Interchange.Tests;

public class DamoQuantityTests
{
    [Theory]
    [InlineData("4.000 KiB", 4096)]
    [InlineData("4 KiB", 4096)]
    [InlineData("4K", 4096)]
    [InlineData("2MB", 2097152)]
    [InlineData("1.5 GiB", 1610612736)]
    [InlineData("0 B", 0)]
    [InlineData("12", 12)]
    [InlineData("94,827,419,009,024", 94827419009024)]
    [InlineData("min", 0)]
    [InlineData("max", ulong.MaxValue)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("18446744073709551616", ulong.MaxValue)]
    [InlineData("99 EiB", ulong.MaxValue)]
    [InlineData("143.027 MiB", 149974679)]
    public void Sizes_are_read_as_damo_prints_them(string text, ulong bytes)
    {
        DamoQuantity.TryBytes(text, out var read).Should().BeTrue();
        read.Should().Be(bytes);
    }

    [Theory]
    [InlineData("5 ms", 5_000_000)]
    [InlineData("5ms", 5_000_000)]
    [InlineData("5000", 5_000_000)]
    [InlineData("5,000", 5_000_000)]
    [InlineData("1.500 s", 1_500_000_000)]
    [InlineData("1 h 30 m", 5_400_000_000_000)]
    [InlineData("1 m 2 s 3 ms 4 us 5 ns", 62_003_004_005)]
    [InlineData("1h30m", 5_400_000_000_000)]
    [InlineData("1 d", 86_400_000_000_000)]
    [InlineData("0 ns", 0)]
    [InlineData("max", ulong.MaxValue)]
    [InlineData("18446744073709551615000", ulong.MaxValue)]
    [InlineData("999999999999 d", ulong.MaxValue)]
    public void Times_are_read_as_damo_prints_them(string text, ulong nanoseconds)
    {
        DamoQuantity.TryTime(text, 1_000, out var read).Should().BeTrue();
        read.Should().Be(nanoseconds);
    }

    [Theory]
    [InlineData("80 %", 0.8)]
    [InlineData("80%", 0.8)]
    [InlineData("4.5 %", 0.045)]
    [InlineData("800", 0.8)]
    [InlineData("800.000000", 0.8)]
    [InlineData("0 %", 0)]
    public void Shares_are_read_as_damo_prints_them(string text, double share)
    {
        DamoQuantity.TryShare(text, 1_000, out var read).Should().BeTrue();
        read.Should().Be((decimal)share);
    }

    [Theory]
    [InlineData("18,446,744,073,709,551,615 %")]
    [InlineData("max")]
    public void A_share_of_the_largest_number_is_no_limit(string text)
    {
        DamoQuantity.TryShare(text, 100, out var read).Should().BeTrue();
        read.Should().Be(DamoQuantity.Max);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("five")]
    [InlineData("5 parsecs")]
    [InlineData("-5")]
    [InlineData("-5 %")]
    [InlineData("1 2")]
    [InlineData("--")]
    public void Anything_else_is_refused(string text)
    {
        DamoQuantity.TryBytes(text, out _).Should().BeFalse();
        DamoQuantity.TryTime(text, 1_000, out _).Should().BeFalse();
        DamoQuantity.TryShare(text, 100, out _).Should().BeFalse();
    }

    [Fact]
    public void What_is_written_is_read_as_the_same() =>
        Gen.Select(Gen.ULong, Gen.ULong[0, 1UL << 62], Gen.Int[0, 1_000_000]).Sample((bytes, time, millionths) =>
            DamoQuantity.TryBytes(DamoQuantity.OfBytes(bytes), out var readBytes) && readBytes == bytes
            && DamoQuantity.TryTime(DamoQuantity.OfTime(time), 1_000, out var readTime) && readTime == time
            && DamoQuantity.TryShare(DamoQuantity.OfShare(millionths / 1_000_000m), 1_000, out var share) && share == millionths / 1_000_000m
            && DamoQuantity.TryNumber(DamoQuantity.OfNumber(bytes), out var number) && number == bytes);

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Gen.OneOf(Gen.String, Gen.OneOf("1", "9e9", "e", ".", ",", " ", "-", "%", "ns", "s", "KiB", "B", "max", "E", "00", "18446744073709551615").Array[0, 8].Select(parts => string.Concat(parts)))
            .Sample(text => DamoQuantity.TryBytes(text, out _) | DamoQuantity.TryTime(text, 1, out _) | DamoQuantity.TryShare(text, 1, out _) | true, iter: 20_000);
}

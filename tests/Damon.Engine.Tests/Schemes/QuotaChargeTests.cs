using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class QuotaChargeTests
{
    [Theory]
    [InlineData(1000UL << 20, 700UL << 20, 1, 1024, (700UL << 20) + 307_200)]
    [InlineData(1000UL << 20, 700UL << 20, 1, 0, 1000UL << 20)]
    [InlineData(4096, 8192, 1, 1024, 4096)]
    [InlineData(4096, 0, 0, 1, 0)]
    [InlineData(4096, 0, 1, 1, 4096)]
    [InlineData(4096, 0, 3, 2, 4096)]
    public void B6_what_failed_is_charged_at_the_ratio(ulong size, ulong applied, ulong numerator, ulong denominator, ulong charge) =>
        QuotaCharge.Of(size, applied, numerator, denominator).Should().Be(charge);

    [Fact]
    public void A_charge_is_never_below_what_was_applied_nor_above_the_size() => Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong).Sample((size, applied, numerator, denominator) =>
    {
        var charge = QuotaCharge.Of(size, applied, numerator, denominator);
        return charge >= Math.Min(size, applied) && charge <= size;
    });
}

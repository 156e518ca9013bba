using CsCheck;
using Damon.Operator.Statuses;

namespace Damon.Operator.Tests.Statuses;

public class EffectSumsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 7)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(104, 100)]
    [InlineData(105, 110)]
    [InlineData(994, 990)]
    [InlineData(996, 1000)]
    [InlineData(123_456_789, 120_000_000)]
    [InlineData(long.MaxValue, 9_200_000_000_000_000_000)]
    public void Two_digits_are_kept(long bytes, long rounded) => new EffectSums(bytes, 0, 0).Rounded.ColdBytes.Should().Be(rounded);

    [Fact]
    public void Rounding_is_within_five_percent_and_done_once() => Gen.Long[0, long.MaxValue].Sample(bytes =>
    {
        var rounded = new EffectSums(bytes, bytes, bytes).Rounded;
        rounded.Rounded.Should().Be(rounded);
        Math.Abs((double)rounded.AwayBytes - bytes).Should().BeLessThanOrEqualTo(bytes * 0.05);
    });

    [Fact]
    public void Sums_do_not_run_over() => new EffectSums(long.MaxValue - 1, 0, 5).Plus(7, 1, long.MaxValue).Should().Be(new EffectSums(long.MaxValue, 1, long.MaxValue));
}

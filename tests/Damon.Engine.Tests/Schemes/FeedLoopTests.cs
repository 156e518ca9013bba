using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class FeedLoopTests
{
    [Fact]
    public void A26_more_after_too_little_and_less_after_too_much()
    {
        FeedLoop.Next(900_000, 200).Should().BeGreaterThan(900_000).And.BeGreaterThan(FeedLoop.Next(900_000, 2000));
        FeedLoop.Next(900_000, 250_000_000).Should().BeLessThan(900_000);
    }

    [Theory]
    [InlineData(900_000, 200, 1_782_000)]
    [InlineData(900_000, 2000, 1_620_000)]
    [InlineData(900_000, 15_000, 450_000)]
    [InlineData(900_000, 19_999, 10_000)]
    [InlineData(900_000, 20_000, 10_000)]
    [InlineData(900_000, 10_000, 900_000)]
    [InlineData(10_000, 0, 20_000)]
    [InlineData(20_000, 15_000, 10_000)]
    [InlineData(123_456_789, 9999, 123_469_134)]
    [InlineData(1UL << 63, 0, 18_446_744_073_709_545_808)]
    [InlineData(ulong.MaxValue, 5000, ulong.MaxValue)]
    public void B1_the_next_input(ulong last, ulong score, ulong next) => FeedLoop.Next(last, score).Should().Be(next);

    [Fact]
    public void Whatever_the_numbers_the_next_input_stays_in_its_bounds() => Gen.Select(Gen.ULong, Gen.OneOf(Gen.ULong, Gen.ULong[0, 25_000])).Sample((last, score) =>
    {
        var next = FeedLoop.Next(last, score);
        var atMost = last > ulong.MaxValue / 2 ? ulong.MaxValue : 2 * last;
        return score switch
        {
            FeedLoop.Goal => next == last,
            < FeedLoop.Goal => next >= last && next <= atMost,
            _ => next >= FeedLoop.Floor && next <= Math.Max(last, FeedLoop.Floor),
        };
    });

    [Fact]
    public void A_higher_score_never_asks_for_more() => Gen.Select(Gen.ULong, Gen.ULong[0, 25_000], Gen.ULong[0, 25_000]).Sample((last, a, b) =>
        last < FeedLoop.Floor || FeedLoop.Next(last, Math.Max(a, b)) <= FeedLoop.Next(last, Math.Min(a, b)));
}

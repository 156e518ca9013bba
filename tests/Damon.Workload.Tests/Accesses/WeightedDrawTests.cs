using Damon.Workload.Accesses;

namespace Damon.Workload.Tests.Accesses;

public class WeightedDrawTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.0, 1.0)]
    [InlineData(99.0, 1.0)]
    [InlineData(0.2, 0.3, 0.5)]
    [InlineData(1000.0, 1.0, 1000.0, 10.0)]
    public void Draws_come_in_proportion_to_the_weights(params double[] weights)
    {
        var draw = new WeightedDraw(weights);
        var random = new RandomSequence(1);
        var counts = new int[weights.Length];
        for (var count = 0; count < Draws; count++)
            counts[draw.Draw(ref random)]++;

        for (var index = 0; index < weights.Length; index++)
            ((double)counts[index] / Draws).Should().BeApproximately(weights[index] / weights.Sum(), 0.005);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_weight_that_is_not_above_zero_and_finite_is_refused(double weight) =>
        FluentActions.Invoking(() => new WeightedDraw([1, weight])).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void Nothing_cannot_be_drawn_from() => FluentActions.Invoking(() => new WeightedDraw([])).Should().Throw<ArgumentException>();
}

using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class RegionScoreTests
{
    // Sample 5 ms, aggregation 100 ms: 20 samples, ages in aggregations.
    [Theory]
    [InlineData(0, 1, 0, 0, 49, 50)]
    [InlineData(0, 1, 0, 10, 47, 52)]
    [InlineData(0, 1, 0, 100, 42, 57)]
    [InlineData(0, 1, 0, 1200, 38, 61)]
    [InlineData(0, 1, 0, 36000, 30, 69)]
    [InlineData(0, 1, 20, 10, 50, 49)]
    [InlineData(0, 1, 20, 1200, 59, 40)]
    [InlineData(1, 0, 20, 0, 99, 0)]
    [InlineData(1, 0, 10, 0, 49, 50)]
    [InlineData(1, 0, 1, 0, 4, 95)]
    [InlineData(1, 0, 0, 0, 0, 99)]
    [InlineData(1, 1, 10, 100, 52, 47)]
    [InlineData(1, 1, 0, 100, 20, 79)]
    [InlineData(1, 1, 20, 1200, 79, 20)]
    [InlineData(3, 7, 0, 1200, 26, 73)]
    [InlineData(3, 7, 5, 50, 44, 55)]
    [InlineData(0, 0, 20, 1200, 0, 99)]
    public void B5_scores_are_those_of_the_vectors(int rateWeight, int ageWeight, uint accesses, int age, int hot, int cold)
    {
        var time = TimeSpan.FromMilliseconds(100) * age;

        RegionScore.Hot(accesses, 20, time, rateWeight, ageWeight).Should().Be(hot);
        RegionScore.Cold(accesses, 20, time, rateWeight, ageWeight).Should().Be(cold);
    }
}

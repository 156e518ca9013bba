using CsCheck;
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
    [InlineData(1, 1, 1, 0, 26, 73)] // 5 and 50: 27, and of that 99 hundredths
    [InlineData(1, 1, 20, 0, 74, 25)]
    [InlineData(2, 1, 3, 640, 29, 70)] // 64 s are 2⁶: 7 and 32 of 64 are 60; (30 + 60) / 3
    [InlineData(0, 1, 1, 9, 49, 50)] // 0.9 s: no whole second
    [InlineData(0, 1, 1, 20, 52, 47)] // 2 s: 34 of 64 are 53
    public void B5_scores_are_those_of_the_vectors(int rateWeight, int ageWeight, uint accesses, int age, int hot, int cold)
    {
        var time = TimeSpan.FromMilliseconds(100) * age;

        RegionScore.Hot(accesses, 20, time, rateWeight, ageWeight).Should().Be(hot);
        RegionScore.Cold(accesses, 20, time, rateWeight, ageWeight).Should().Be(cold);
    }

    [Theory]
    [InlineData(1u, 101u, 30)] // 0 %: it counts as idle, and gets colder with age
    [InlineData(1u, 100u, 67)] // 1 %
    [InlineData(0u, 0u, 30)]
    [InlineData(uint.MaxValue, 1u, 67)]
    public void Below_one_percent_memory_counts_as_idle(uint accesses, uint maxAccesses, int hot) =>
        RegionScore.Hot(accesses, maxAccesses, TimeSpan.FromHours(1), 0, 1).Should().Be(hot);

    [Fact]
    public void Scores_stay_in_their_range_whatever_the_numbers() =>
        Gen.Select(Gen.UInt, Gen.UInt, Gen.Long[0, long.MaxValue], Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Sample((accesses, most, age, rateWeight, ageWeight) =>
            RegionScore.Hot(accesses, most, TimeSpan.FromTicks(age), rateWeight, ageWeight) is >= 0 and <= RegionScore.Max);

    [Theory]
    [InlineData(100UL, 99)]
    [InlineData(101UL, 50)]
    [InlineData(300UL, 50)]
    [InlineData(301UL, 0)]
    [InlineData(0UL, 99)]
    [InlineData(ulong.MaxValue, 0)]
    public void The_lowest_score_with_room_is_where_the_bytes_fill_the_budget(ulong budget, int score)
    {
        var bytes = new ulong[100];
        (bytes[99], bytes[50], bytes[0]) = (100, 200, 1UL << 40);

        RegionScore.LowestWithin(bytes, budget).Should().Be(score);
        FluentActions.Invoking(() => RegionScore.LowestWithin(new ulong[99], budget)).Should().Throw<ArgumentException>();
    }
}

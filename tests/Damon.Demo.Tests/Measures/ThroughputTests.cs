using CsCheck;
using Damon.Demo.Measures;

namespace Damon.Demo.Tests.Measures;

public class ThroughputTests
{
    // span        |-----------|          10 .. 30
    // windows  |--|                       5 .. 12  reaches in
    //             |---|                  10 .. 20  within, both ends counted
    //                 |-------|          20 .. 30  within
    //                       |---|-|      28 .. 31  reaches out
    private static readonly ThroughputWindow[] Windows = [new(5, 12, 1), new(10, 20, 100), new(20, 30, 200), new(28, 31, 1000)];

    [Fact]
    public void Only_windows_wholly_within_count() => Throughput.Within(new ClockSpan(10, 30), Windows).Should().Be(new Throughput(2, 150));

    [Fact]
    public void Without_windows_there_is_no_speed() => Throughput.Within(new ClockSpan(11, 19), Windows).Should().Be(new Throughput(0, 0));

    [Theory]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 9, 1 }, 5)]
    [InlineData(new double[] { 9, 1, 2 }, 2)]
    [InlineData(new double[] { 1e9, 4, 2, 3 }, 3.5)]
    public void The_middle_window_counts(double[] rates, double median) =>
        Throughput.Within(new ClockSpan(0, 1000), rates.Select((rate, index) => new ThroughputWindow(index, index + 1, rate))).MedianPerSecond.Should().Be(median);

    [Fact]
    public void A_burst_of_somebody_else_in_fewer_than_half_of_the_windows_moves_the_median_no_further_than_to_a_quiet_window() =>
        Gen.Select(Gen.Int[1, 20], Gen.Double[1, 10].Array[21, 40]).Sample((bursts, quiet) =>
        {
            var windows = quiet.Concat(Enumerable.Repeat(1e-6, bursts)).Select((rate, index) => new ThroughputWindow(index, index + 1, rate));

            Throughput.Within(new ClockSpan(0, 1000), windows).MedianPerSecond.Should().BeGreaterThanOrEqualTo(quiet.Min() / 2);
        });

    [Fact]
    public void A_machine_that_drifts_steadily_does_not_count() =>
        Gen.Select(Gen.Double[50, 150], Gen.Double[-20, 20], Gen.Double[0.8, 1.2]).Sample((start, drift, effect) =>
        {
            var before = new Throughput(20, start);
            var with = new Throughput(48, (start + drift) * effect);
            var after = new Throughput(10, start + (2 * drift));

            with.RatioTo(before, after).Should().BeApproximately(effect, 1e-9);
        });

    [Theory]
    [InlineData(0, 5, 5)]
    [InlineData(5, 0, 5)]
    [InlineData(5, 5, 0)]
    public void A_missing_side_gives_no_ratio(int with, int before, int after) =>
        double.IsNaN(new Throughput(with, 1).RatioTo(new Throughput(before, 1), new Throughput(after, 1))).Should().BeTrue();
}

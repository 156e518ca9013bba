using CsCheck;
using Damon.Engine.Probes;

namespace Damon.Engine.Tests.Probes;

public class IntervalGovernorTests
{
    private static TimeSpan Ms(double value) => TimeSpan.FromMilliseconds(value);

    [Fact]
    public void A_cheap_pass_keeps_the_configured_interval()
    {
        var governor = new IntervalGovernor(0.01, Ms(500), Ms(60_000));
        governor.Next(Ms(5)).Should().Be(Ms(500));
        governor.IsOverCeiling.Should().BeFalse();
    }

    [Fact]
    public void An_expensive_pass_lengthens_at_once()
    {
        var governor = new IntervalGovernor(0.01, Ms(500), Ms(60_000));
        governor.Next(Ms(20)).Should().Be(Ms(2000));
    }

    [Fact]
    public void Shortening_goes_by_a_tenth_at_a_time_and_waits_for_the_average()
    {
        var governor = new IntervalGovernor(0.01, Ms(500), Ms(60_000));
        governor.Next(Ms(100)).Should().Be(Ms(10_000));
        governor.Next(Ms(90)).Should().Be(Ms(10_000), "a tenth less is within the hysteresis");
        governor.Next(Ms(10)).Should().Be(Ms(9000), "the average, 0.3 × 10 + 0.7 × 97, asks for 7.1 s, a tenth at a time");
        var steps = 0;
        while (governor.Next(Ms(1)) > Ms(500))
        {
            steps++;
            steps.Should().BeLessThan(100);
        }

        steps.Should().BeGreaterThan(20);
        governor.Interval.Should().Be(Ms(500));
    }

    [Fact]
    public void The_ceiling_that_the_longest_interval_cannot_keep_is_reported()
    {
        var governor = new IntervalGovernor(0.01, Ms(500), Ms(1000));
        governor.Next(Ms(11)).Should().Be(Ms(1000));
        governor.IsOverCeiling.Should().BeTrue();
        governor.Next(Ms(10)).Should().Be(Ms(1000));
        governor.IsOverCeiling.Should().BeFalse();
    }

    [Fact]
    public void Whatever_the_costs_the_interval_stays_within_its_bounds_and_below_the_ceiling()
    {
        Gen.Select(Gen.Double[0.001, 1], Gen.Int[1, 1000], Gen.Int[0, 100_000], Gen.Int[-5, 5000].Array[1, 100]).Sample((ceiling, start, extra, costs) =>
        {
            var governor = new IntervalGovernor(ceiling, Ms(start), Ms(start + extra));
            foreach (var cost in costs)
            {
                var before = governor.Interval;
                var interval = governor.Next(Ms(cost));
                if (interval < Ms(start) || interval > Ms(start + extra)
                    || (!governor.IsOverCeiling && cost > interval.TotalMilliseconds * ceiling * (1 + 1e-9))
                    || interval < before * 0.89)
                {
                    return false;
                }
            }

            return true;
        });
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(1.1, 1, 2)]
    [InlineData(double.NaN, 1, 2)]
    [InlineData(0.5, 0, 2)]
    [InlineData(0.5, 3, 2)]
    public void Unusable_bounds_are_refused(double ceiling, int start, int max) =>
        FluentActions.Invoking(() => new IntervalGovernor(ceiling, Ms(start), Ms(max))).Should().Throw<ArgumentOutOfRangeException>();
}

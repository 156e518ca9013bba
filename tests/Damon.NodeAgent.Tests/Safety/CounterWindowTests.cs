using CsCheck;
using Damon.NodeAgent.Safety;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class CounterWindowTests
{
    [Fact]
    public void The_growth_is_that_of_a_window_that_is_at_most_one_part_too_long() =>
        Gen.Select(Gen.Int[1, 20], Gen.Select(Gen.Int[1, 30], Gen.Int[0, 50]).Array[1, 200]).Sample((parts, steps) =>
        {
            var clock = new FakeTimeProvider();
            var length = TimeSpan.FromSeconds(100);
            var window = new CounterWindow(clock, parts);
            var history = new List<(double At, ulong Count)>();
            ulong count = 0;
            double at = 0, longest = 0;
            foreach (var (seconds, growth) in steps)
            {
                clock.Advance(TimeSpan.FromSeconds(seconds));
                (at, count, longest) = (at + seconds, count + (ulong)growth, Math.Max(longest, seconds));
                window.Add(count, 0, length);
                history.Add((at, count));

                var elapsed = window.Elapsed.TotalSeconds;
                var start = history.Last(past => at - past.At >= elapsed - 1e-6);
                window.FirstGrowth.Should().Be(count - start.Count);
                elapsed.Should().BeLessThan(length.TotalSeconds + (length.TotalSeconds / parts) + longest + 1e-6);
                if (at - history[0].At >= length.TotalSeconds)
                {
                    elapsed.Should().BeGreaterThanOrEqualTo(length.TotalSeconds - 1e-6);
                }
            }
        });
}

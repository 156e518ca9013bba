using CsCheck;
using Damon.NodeAgent.Agent;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

public class ReclaimCeilingTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void What_is_set_aside_for_the_kernel_nobody_else_can_take_and_what_it_did_not_use_comes_back()
    {
        var ceiling = new ReclaimCeiling(_time) { MaxBytes = 100 };
        var reserved = default(ReclaimReservation);

        ceiling.Reserve(ref reserved, 70);
        (ceiling.LeftBytes, reserved.AskedBytes).Should().Be((30, 70));
        ceiling.Charge(10);
        ceiling.Settle(ref reserved, usedBytes: 40, standsBytes: 40);
        ceiling.LeftBytes.Should().Be(50);

        // Of the 40 that stood 25 were taken; 30 are granted next.
        ceiling.Reserve(ref reserved, 1000);
        reserved.AskedBytes.Should().Be(50);
        ceiling.Settle(ref reserved, usedBytes: 25 + 30, standsBytes: 30);
        ceiling.LeftBytes.Should().Be(35);
    }

    [Fact]
    public void What_stands_when_a_minute_is_over_counts_in_the_next_one()
    {
        var ceiling = new ReclaimCeiling(_time) { MaxBytes = 100 };
        var reserved = default(ReclaimReservation);
        ceiling.Reserve(ref reserved, 100);
        ceiling.Settle(ref reserved, 60, 60);
        _time.Advance(TimeSpan.FromMinutes(1));

        ceiling.Reserve(ref reserved, 100);
        reserved.AskedBytes.Should().Be(40);
        ceiling.Settle(ref reserved, usedBytes: 60, standsBytes: 0);
        ceiling.LeftBytes.Should().Be(40);
    }

    [Fact]
    public void Without_a_ceiling_nothing_is_held_back()
    {
        var ceiling = new ReclaimCeiling(_time);
        var reserved = default(ReclaimReservation);
        ceiling.Charge(5);

        ceiling.Reserve(ref reserved, ulong.MaxValue);
        ceiling.LeftBytes.Should().Be(ulong.MaxValue);
        ceiling.Settle(ref reserved, 7, 0);
        ceiling.LeftBytes.Should().Be(ulong.MaxValue);
    }

    /// <summary>Whatever is reserved, granted, used and taken by others, and whenever: within a minute no more is taken than the ceiling, what was granted before it began included.</summary>
    [Fact]
    public void No_more_is_taken_in_a_minute_than_the_ceiling() =>
        Gen.Select(Gen.ULong[1, 1000], Gen.Select(Gen.ULong[0, 400], Gen.Double[0, 1], Gen.Double[0, 1], Gen.ULong[0, 300], Gen.Int[0, 40]).Array[1, 40]).Sample((max, steps) =>
        {
            var time = new VirtualTime();
            var ceiling = new ReclaimCeiling(time) { MaxBytes = max };
            var reserved = default(ReclaimReservation);
            var (taken, began) = (0UL, time.GetTimestamp());
            foreach (var (wanted, ofStanding, ofAsked, others, seconds) in steps)
            {
                if (time.GetElapsedTime(began) >= TimeSpan.FromMinutes(1))
                    (taken, began) = (0, time.GetTimestamp());

                ceiling.Reserve(ref reserved, wanted);
                var mine = Math.Min(others, ceiling.LeftBytes);
                ceiling.Charge(mine);
                var effect = (ulong)(reserved.Bytes * ofStanding);
                taken += mine + effect;
                taken.Should().BeLessThanOrEqualTo(max);
                var granted = (ulong)(reserved.AskedBytes * ofAsked);
                ceiling.Settle(ref reserved, effect + granted, granted);
                time.Advance(TimeSpan.FromSeconds(seconds));
            }
        });
}

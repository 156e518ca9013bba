using CsCheck;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Tests.Safety;

public class SafetyLimitsTests
{
    /// <summary>Each row: an adjustment, and whether it is to the safe side of the default.</summary>
    public static TheoryData<string, bool> Adjustments => new()
    {
        { "memory10-", true }, { "memory10+", false }, { "memory60-", true }, { "memory60+", false }, { "io-", true }, { "io+", false },
        { "calm+", true }, { "calm-", false }, { "refault-", true }, { "refault+", false }, { "promotion-", true }, { "promotion+", false },
        { "trips-", true }, { "trips+", false }, { "forgive+", true }, { "forgive-", false }, { "request+", true }, { "request-", false },
        { "floor+", true }, { "floor-", false }, { "swap+", true }, { "swap-", false }, { "foreign-", true }, { "foreign+", false },
        { "grace+", true }, { "grace-", false }, { "full-", true }, { "full+", false }, { "cool+", true }, { "cool-", false }, { "plan-", true }, { "plan+", false },
    };

    [Theory]
    [MemberData(nameof(Adjustments))]
    public void A_scheme_may_change_a_limit_to_the_safe_side_only(string name, bool isTighter)
    {
        var adjustment = Adjust(name);

        SafetyLimits.Default.With(adjustment).Should().NotBe(SafetyLimits.Default, "the cluster's configuration may change it either way");
        SafetyLimits.Default.Tighten(adjustment).Should().Be(isTighter ? SafetyLimits.Default.With(adjustment) : SafetyLimits.Default);
    }

    [Fact]
    public void Nothing_to_change_changes_nothing()
    {
        SafetyLimits.Default.With(new SafetyAdjustments()).Should().Be(SafetyLimits.Default);
        SafetyLimits.Default.Tighten(new SafetyAdjustments()).Should().Be(SafetyLimits.Default);
    }

    [Fact]
    public void What_is_unmeasurable_is_accepted_only_where_both_accept_it()
    {
        var accepts = SafetyLimits.Default with { AcceptsUnmeasurable = true };
        accepts.Tightest(SafetyLimits.Default).AcceptsUnmeasurable.Should().BeFalse();
        accepts.Tighten(new SafetyAdjustments()).AcceptsUnmeasurable.Should().BeTrue("a scheme that says nothing takes the cluster's word");
    }

    [Fact]
    public void The_tightest_of_two_does_not_depend_on_their_order_and_tightens_no_further() =>
        Gen.Select(Limits, Limits).Sample((one, other) =>
        {
            var both = one.Tightest(other);
            both.Should().Be(other.Tightest(one));
            both.Tightest(one).Should().Be(both);
            both.Tightest(other).Should().Be(both);
        });

    private static readonly Gen<SafetyLimits> Limits = Gen.Select(Gen.Double[0, 100], Gen.Int[1, 10_000], Gen.ULong[0, 1UL << 40], Gen.Bool).Select((share, seconds, bytes, accepts) => new SafetyLimits
    {
        MemorySomeAverage10Percent = share,
        IoSomeAverage10Percent = 100 - share,
        Calm = TimeSpan.FromSeconds(seconds),
        PlanMaxAge = TimeSpan.FromSeconds(10_001 - seconds),
        FloorBytes = bytes,
        RefaultTripsToStop = seconds % 7,
        AcceptsUnmeasurable = accepts,
    });

    private static SafetyAdjustments Adjust(string name)
    {
        var limits = SafetyLimits.Default;
        var factor = name[^1] == '+' ? 2.0 : 0.5;
        return name[..^1] switch
        {
            "memory10" => new() { MemorySomeAverage10Percent = limits.MemorySomeAverage10Percent * factor },
            "memory60" => new() { MemorySomeAverage60Percent = limits.MemorySomeAverage60Percent * factor },
            "io" => new() { IoSomeAverage10Percent = limits.IoSomeAverage10Percent * factor },
            "calm" => new() { Calm = limits.Calm * factor },
            "refault" => new() { RefaultPercent = limits.RefaultPercent * factor },
            "promotion" => new() { PromotionPercentPerMinute = limits.PromotionPercentPerMinute * factor },
            "trips" => new() { RefaultTripsToStop = (int)(limits.RefaultTripsToStop * factor) },
            "forgive" => new() { RefaultForgiveAfter = limits.RefaultForgiveAfter * factor },
            "request" => new() { FloorPercentOfRequest = limits.FloorPercentOfRequest * factor },
            "floor" => new() { FloorBytes = (ulong)(limits.FloorBytes * factor) },
            "swap" => new() { SwapFreePercent = limits.SwapFreePercent * factor },
            "foreign" => new() { ForeignSwapOutBytesPerSecond = limits.ForeignSwapOutBytesPerSecond * factor },
            "grace" => new() { StartGrace = limits.StartGrace * factor },
            "full" => new() { MemoryFullAverage10Percent = limits.MemoryFullAverage10Percent * factor },
            "cool" => new() { EmergencyCoolDown = limits.EmergencyCoolDown * factor },
            "plan" => new() { PlanMaxAge = limits.PlanMaxAge * factor },
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such limit"),
        };
    }
}

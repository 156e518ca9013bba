using CsCheck;
using Damon.NodeAgent.Metrics;

namespace Damon.NodeAgent.Tests.Metrics;

public class SchemeEffectMeterTests
{
    private readonly SchemeEffectMeter _meter = new();

    [Fact]
    public void What_was_done_and_what_would_have_been_never_add_up()
    {
        _meter.Take(isEnforced: false, new EffectReading(100, 10, 90, 0, 0, 1));
        _meter.Take(isEnforced: true, new EffectReading(130, 15, 95, 2, 3, 4)).Should().Be(new SchemeEffects
        {
            WouldApplyBytes = 100,
            WouldRefaultBytes = 10,
            AppliedBytes = 30,
            RefaultBytes = 5,
            AwayBytes = 95,
            NoEffectCalls = 2,
            FailedCalls = 3,
            ExhaustedWindows = 4,
        });
        _meter.Take(isEnforced: false, new EffectReading(131, 15, 80, 2, 3, 4)).Should().Be(new SchemeEffects
        {
            WouldApplyBytes = 101,
            WouldRefaultBytes = 10,
            AppliedBytes = 30,
            RefaultBytes = 5,
            WouldBeAwayBytes = 80,
            NoEffectCalls = 2,
            FailedCalls = 3,
            ExhaustedWindows = 4,
        });
    }

    [Fact]
    public void A_session_that_begins_anew_takes_nothing_back()
    {
        _meter.Take(isEnforced: true, new EffectReading(100, 10, 90, 1, 1, 1));
        _meter.Take(isEnforced: true, new EffectReading(5, 0, 5, 0, 0, 0)).Should().Be(new SchemeEffects { AppliedBytes = 105, RefaultBytes = 10, AwayBytes = 5, NoEffectCalls = 1, FailedCalls = 1, ExhaustedWindows = 1 });
    }

    [Fact]
    public void A_session_that_is_told_to_have_ended_counts_from_nothing_even_where_the_next_is_ahead()
    {
        _meter.Take(isEnforced: true, new EffectReading(100, 0, 90, 0, 0, 0));
        _meter.EndSession();
        _meter.Effects.AwayBytes.Should().Be(0);
        _meter.Take(isEnforced: true, new EffectReading(150, 0, 150, 0, 0, 0)).AppliedBytes.Should().Be(250);
    }

    /// <summary>Sessions of growing counters, with the growth of each step and whether it was enforced.</summary>
    [Fact]
    public void Counters_grow_by_what_the_engine_s_grew_and_never_fall() => Gen.Select(Gen.UInt[0, 1000], Gen.UInt[0, 1000], Gen.Bool).Array[0, 30].Array[1, 5].Sample(sessions =>
    {
        var meter = new SchemeEffectMeter();
        var last = default(SchemeEffects);
        foreach (var session in sessions)
        {
            var (applied, refaults) = (0UL, 0UL);
            foreach (var (more, back, isEnforced) in session)
            {
                (applied, refaults) = (applied + more, refaults + back);
                var now = meter.Take(isEnforced, new EffectReading(applied, refaults, 0, applied, refaults, applied));
                (now.AppliedBytes - last.AppliedBytes).Should().Be(isEnforced ? more : 0);
                (now.WouldApplyBytes - last.WouldApplyBytes).Should().Be(isEnforced ? 0 : more);
                (now.RefaultBytes - last.RefaultBytes + (now.WouldRefaultBytes - last.WouldRefaultBytes)).Should().Be(back);
                (now.NoEffectCalls - last.NoEffectCalls).Should().Be(more);
                last = now;
            }

            meter.EndSession();
        }
    });
}

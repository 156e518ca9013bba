using CsCheck;

namespace Damon.Patterns.Tests;

public class PatternClockTests
{
    // init   a    b    a    b
    // |----|--|---|--|---|…
    // 0    4  6   9  11  14
    private static readonly WorkloadPattern Pattern = Make(("init", 4000, true), ("a", 2000, false), ("b", 3000, false));

    [Theory]
    [InlineData(0, "init", 0, 0)]
    [InlineData(3.999, "init", 3.999, 0)]
    [InlineData(4, "a", 0, 0)]
    [InlineData(5.5, "a", 1.5, 0)]
    [InlineData(6, "b", 0, 0)]
    [InlineData(9, "a", 0, 1)]
    [InlineData(11, "b", 0, 1)]
    [InlineData(14, "a", 0, 2)]
    [InlineData(504, "a", 0, 100)]
    public void A_phase_is_on_from_its_start_up_to_its_end(double seconds, string name, double into, int occurrence)
    {
        var phase = Pattern.PhaseAt(TimeSpan.FromSeconds(seconds), out var intoPhase, out var times);
        (phase.Name, intoPhase, times).Should().Be((name, TimeSpan.FromSeconds(into), occurrence));
    }

    [Fact]
    public void The_end_of_time_is_in_a_phase()
    {
        Pattern.PhaseAt(TimeSpan.MaxValue, out var into, out var occurrence).Once.Should().BeFalse();
        into.Should().BeLessThan(TimeSpan.FromSeconds(3));
        occurrence.Should().Be(int.MaxValue);
    }

    [Fact]
    public void A_round_later_the_same_phase_is_on_once_more() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 5000].Array[1, 6], Gen.Int[1, 5000]).Sample((milliseconds, lengths, init) =>
        {
            var pattern = Make([("init", init, true), .. lengths.Select((length, i) => ($"p{i}", length, false))]);
            var at = TimeSpan.FromMilliseconds(init + milliseconds);
            var one = pattern.PhaseAt(at, out var into, out var occurrence);
            var next = pattern.PhaseAt(at + TimeSpan.FromMilliseconds(lengths.Sum()), out var intoNext, out var occurrenceNext);
            return one == next && into == intoNext && occurrenceNext == occurrence + 1 && into < one.Duration && into >= TimeSpan.Zero;
        });

    [Fact]
    public void There_is_no_phase_before_the_start() => FluentActions.Invoking(() => Pattern.PhaseAt(TimeSpan.FromTicks(-1), out _, out _)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void Phases_that_are_never_repeated_are_refused() =>
        FluentActions.Invoking(() => Make(("init", 1000, true)).PhaseAt(TimeSpan.FromSeconds(2), out _, out _)).Should().Throw<ArgumentException>();

    private static WorkloadPattern Make(params (string Name, int Milliseconds, bool Once)[] phases) => new(
        "p", "", [], [.. phases.Select(phase => new PatternPhase(phase.Name, TimeSpan.FromMilliseconds(phase.Milliseconds), phase.Once, []))], SimulationSettings.Default);
}

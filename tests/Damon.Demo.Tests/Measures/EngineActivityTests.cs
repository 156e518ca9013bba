using Damon.Demo.Measures;

namespace Damon.Demo.Tests.Measures;

public class EngineActivityTests
{
    // Looks at 0, 10, 20, 30: it ran for 5 between 10 and 20 only.
    [Theory]
    [InlineData(0, 10, 0)]
    [InlineData(0, 11, 5)] // the looks around a stretch belong to it: never too little
    [InlineData(12, 18, 5)]
    [InlineData(19, 40, 5)]
    [InlineData(20, 30, 0)]
    public void Cpu_time_is_that_of_the_looks_around_a_stretch(long from, long to, int used)
    {
        var activity = new EngineActivity();
        activity.Note(0, TimeSpan.FromTicks(100));
        activity.Note(10, TimeSpan.FromTicks(100));
        activity.Note(20, TimeSpan.FromTicks(105));
        activity.Note(30, TimeSpan.FromTicks(105));

        activity.CpuWithin(new ClockSpan(from, to)).Ticks.Should().Be(used);
    }

    [Fact]
    public void A_thread_that_ended_takes_nothing_away()
    {
        var activity = new EngineActivity();
        activity.Note(0, TimeSpan.FromTicks(100));
        activity.Note(10, TimeSpan.FromTicks(40));
        activity.Note(20, TimeSpan.FromTicks(47));

        activity.CpuWithin(new ClockSpan(0, 20)).Ticks.Should().Be(7);
    }

    [Fact]
    public void Without_looks_nothing_was_used() => new EngineActivity().CpuWithin(new ClockSpan(0, 100)).Should().Be(TimeSpan.Zero);
}

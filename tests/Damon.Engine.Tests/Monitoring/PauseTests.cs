using Damon.Engine.Monitoring;
using static Damon.Engine.Tests.Monitoring.CommitTests;
using static Damon.Engine.Tests.Monitoring.MonitoringSessionTests;

namespace Damon.Engine.Tests.Monitoring;

public class PauseTests
{
    private static readonly MonitoringPlan Plan = new(
        MonitoringIntervals.Default, new(3, 12), [SchemeTests.Scheme("s") with { Pattern = new() { MinAge = TimeSpan.FromMilliseconds(700), MaxRate = default } }]);

    [Fact]
    public void A_paused_session_neither_looks_nor_acts_and_nothing_grows_older()
    {
        using var session = Session(Plan, out var memory);
        for (var i = 0; i < 107; i++)
        {
            Round(session);
        }

        var looks = 0;
        memory.OnPrepare = memory.OnCheck = () => looks++;
        var before = (session.Elapsed, session.Aggregations, State(session));
        session.IsPaused = true;
        for (var i = 0; i < 500; i++)
        {
            Round(session).Should().BeFalse();
        }

        looks.Should().Be(0);
        memory.Applied.Should().BeEmpty();
        (session.Elapsed, session.Aggregations, State(session)).Should().Be(before);
    }

    [Fact]
    public void It_goes_on_where_it_stopped()
    {
        using var paused = Session(Plan, out var first);
        using var other = Session(Plan, out var second);
        for (var i = 0; i < 200; i++)
        {
            paused.IsPaused = true;
            Round(paused);
            Round(paused);
            paused.IsPaused = false;
            Round(paused).Should().Be(Round(other));
            State(paused).Should().Be(State(other));
        }

        first.Applied.Should().NotBeEmpty().And.Equal(second.Applied);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pause_in_the_middle_of_a_sample_interval_holds_at_once_and_the_interval_is_not_counted(bool isShort)
    {
        using var session = Session(Plan, out var memory);
        memory.IsAccessed = _ => true;
        session.BeginSample();
        session.IsPaused = true;
        session.IsPaused = !isShort;
        var looked = false;
        memory.OnCheck = () => looked = true;

        session.EndSample().Should().BeFalse();

        (looked, session.Elapsed).Should().Be((false, TimeSpan.Zero));
        session.IsPaused = false;
        Round(session);
        (looked, session.Elapsed).Should().Be((true, Plan.Intervals.Sample));
    }

    [Fact]
    public void A_paused_session_takes_commits_and_targets()
    {
        using var session = Session(Plan with { IsPaused = true }, out _);

        session.IsPaused.Should().BeTrue();
        session.Commit(Plan with { IsPaused = true, Schemes = [] }).Should().BeEmpty();
        session.Schemes.Should().BeEmpty();
        session.IsPaused.Should().BeTrue();
        session.TakeSnapshot().TotalBytes.Should().Be(256 * 4096);
    }

    private static string State(MonitoringSession session) => string.Join(' ', Enumerable.Range(0, session.RegionCount).Select(i => session.Targets[0].Regions[i]));
}

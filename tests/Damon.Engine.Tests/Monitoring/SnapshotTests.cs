using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.Testing;
using static Damon.Engine.Tests.Monitoring.CommitTests;
using static Damon.Engine.Tests.Monitoring.MonitoringSessionTests;

namespace Damon.Engine.Tests.Monitoring;

public class SnapshotTests
{
    private const ulong Page = 4096;

    private static readonly MonitoringPlan Plan = new(MonitoringIntervals.Default, new(3, 100), []);

    [Fact]
    public void A_snapshot_speaks_of_time_and_percent()
    {
        using var session = Session(Plan, out var memory);
        memory.IsAccessed = address => address < 128 * Page;
        for (var i = 0; i < 30; i++)
        {
            Aggregate(session);
        }

        var snapshot = session.TakeSnapshot();

        (snapshot.Elapsed, snapshot.TotalBytes).Should().Be((TimeSpan.FromSeconds(3), 256 * Page));
        var regions = snapshot.Targets.Should().ContainSingle().Subject.Regions;
        regions[0].Rate.Should().Be(AccessRate.Always);
        regions[^1].Rate.Should().Be(AccessRate.Never);
        regions[^1].Age.Should().Be(TimeSpan.FromMilliseconds(100) * session.Targets[0].Regions.Ages[^1]).And.BeGreaterThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Inside_an_aggregation_the_rate_is_the_moving_estimate()
    {
        using var session = Session(Plan, out var memory);
        memory.IsAccessed = _ => true;
        Aggregate(session);
        memory.IsAccessed = _ => false;
        for (var i = 0; i < 5; i++)
        {
            Round(session);
        }

        // A quarter of the new window is empty, three quarters still stand for the old one.
        session.TakeSnapshot().Targets[0].Regions.Select(region => region.Rate).Should().OnlyContain(rate => rate == AccessRate.FromPercent(75));
    }

    [Fact]
    public void Later_samples_do_not_change_a_snapshot()
    {
        using var session = Session(Plan, out var memory);
        Aggregate(session);
        var snapshot = session.TakeSnapshot();
        var copy = string.Join(' ', snapshot.Targets[0].Regions);
        memory.IsAccessed = address => address % 3 == 0;

        for (var i = 0; i < 10; i++)
        {
            Aggregate(session);
        }

        string.Join(' ', snapshot.Targets[0].Regions).Should().Be(copy);
        string.Join(' ', session.TakeSnapshot().Targets[0].Regions).Should().NotBe(copy);
    }

    [Fact]
    public void A_question_by_pattern_gives_what_a_scheme_that_counts_would_match()
    {
        var pattern = new AccessPattern { MinRate = AccessRate.FromPercent(50), MinAge = TimeSpan.FromMilliseconds(250) };
        using var session = Session(Plan with { Schemes = [new SchemeDescription("s", SchemeAction.Stat, pattern)] }, out var memory);
        memory.IsAccessed = address => address < 100 * Page;
        SessionSnapshot? asked = null;
        for (var i = 0; i < 20; i++)
        {
            while (true)
            {
                session.BeginSample();
                if (session.EndSample())
                {
                    break;
                }
            }

            var scheme = session.Schemes[0];
            scheme.TriedInLatestPass().Aggregate(0UL, (sum, region) => sum + region.Range.SizeBytes).Should().Be(scheme.Statistics.MatchedNowBytes);
            asked = session.TakeSnapshot(pattern);
        }

        asked!.TotalBytes.Should().BeInRange(90 * Page, 110 * Page);
        session.TakeSnapshot(new AccessPattern { MinSizeBytes = 2, MaxSizeBytes = 1 }).TotalBytes.Should().Be(0);
        session.TakeSnapshot(new AccessPattern { MinAge = TimeSpan.MaxValue }).TotalBytes.Should().Be(0);
    }

    [Fact]
    public void What_was_tried_is_as_it_was_before_the_action()
    {
        var scheme = SchemeTests.Scheme("s") with { Pattern = new() { MinAge = TimeSpan.FromMilliseconds(300), MaxRate = AccessRate.Never } };
        using var session = Session(Plan with { Schemes = [scheme] }, out var memory);
        for (var i = 0; i < 3; i++)
        {
            Aggregate(session);
        }

        var tried = session.Schemes[0].TriedInLatestPass();

        tried.Should().OnlyContain(region => region.Target == 1 && region.Age == TimeSpan.FromMilliseconds(300) && region.Rate == AccessRate.Never && region.ReachableBytes == region.Range.SizeBytes);
        tried.Select(region => region.Range).Should().Equal(memory.Applied);
        session.Targets[0].Regions.Ages.ToArray().Should().OnlyContain(age => age == 0);

        Aggregate(session);
        session.Schemes[0].TriedInLatestPass().Should().BeEmpty("nothing is old enough again");
    }

    [Fact]
    public void S7_a_target_that_has_ended_is_in_no_answer_and_breaks_none()
    {
        using var session = Session(Plan with { Schemes = [SchemeTests.Scheme("s")] }, out var memory);
        using var other = new ScriptedMemory { Ranges = { new(0, Page * 8) } };
        session.AddTarget(2, other, other);
        Aggregate(session);
        var (run, tried) = (session.Schemes[0], session.Schemes[0].TriedInLatestPass());
        tried.Select(region => region.Target).Distinct().Should().Equal(1, 2);

        // It ends between clearing and looking, with a walk's result still to be read.
        session.BeginSample();
        memory.CheckOutcome = ProbeOutcome.Gone;
        session.EndSample();
        session.TakeSnapshot().Targets.Should().ContainSingle().Which.Id.Should().Be(2);
        run.TriedInLatestPass().Should().Equal(tried);

        session.Commit(Plan).Should().BeEmpty();
        session.RemoveTarget(2, "over");
        Aggregate(session);
        session.TakeSnapshot(new AccessPattern()).Targets.Should().BeEmpty();
        run.TriedInLatestPass().Should().Equal(tried);
    }

    [Fact]
    public void An_observer_may_ask_in_the_middle_of_a_round()
    {
        var observer = new AskingObserver();
        using var memory = new ScriptedMemory { Ranges = { new(0, Page * 64) }, IsAccessed = _ => true };
        using var session = new MonitoringSession(Plan, new Damon.Engine.Regions.KernelRegionPolicy(Plan.Limits, new(1)), new(1), TimeProvider.System, observer);
        session.AddTarget(1, memory, memory);
        Aggregate(session);

        observer.Snapshot!.Targets[0].Regions.Should().OnlyContain(region => region.Rate == AccessRate.Always);
    }

    private sealed class AskingObserver : ISessionObserver
    {
        public SessionSnapshot? Snapshot { get; private set; }

        public void OnAggregated(MonitoringSession session) => Snapshot = session.TakeSnapshot();

        public void OnMatched(SchemeRun scheme, SessionTarget target, Damon.Engine.Regions.AddressRange range, ulong reachableBytes)
        {
        }
    }
}

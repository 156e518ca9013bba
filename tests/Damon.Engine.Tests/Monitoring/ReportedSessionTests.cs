using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class ReportedSessionTests
{
    private const ulong MiB = 1 << 20;

    private static readonly MonitoringIntervals Intervals = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));

    private static readonly AddressRange First = new(16 * MiB, 32 * MiB);

    private static readonly AddressRange Second = new(32 * MiB, 64 * MiB);

    [Fact]
    public void What_is_reported_and_matches_is_acted_on_and_what_is_not_reported_never_is()
    {
        using var world = new World(Scheme(SchemeMode.Enforce));

        world.Pass(new Region(First.Start, First.End, Age: 30));

        world.Memory.Applied.Should().Equal(First);
        world.Statistics.MatchedNowBytes.Should().Be(First.SizeBytes);

        world.Pass();

        world.Memory.Applied.Should().Equal(First);
        world.Statistics.MatchedNowBytes.Should().Be(0);
    }

    [Fact]
    public void A_target_without_a_report_is_left_alone()
    {
        using var world = new World(Scheme(SchemeMode.Enforce));
        world.Session.Report(1, [new Region(First.Start, First.End, Age: 30)]);
        world.Session.AddTarget(2, new ScriptedMemory());
        world.Session.Pass(Intervals, Intervals.Aggregation);
        world.Memory.Applied.Should().Equal(First);

        world.Session.Pass(Intervals, TimeSpan.FromMinutes(1));

        world.Memory.Applied.Should().Equal(First);
        world.Target.Regions.Count.Should().Be(0);
    }

    [Fact]
    public void Where_the_session_has_acted_ages_start_anew_whatever_the_reporter_says()
    {
        using var world = new World(Scheme(SchemeMode.Enforce));
        var ages = new List<uint>();
        for (var pass = 0u; pass < 25; pass++)
        {
            world.Pass(new Region(First.Start, First.End, Age: 30 + pass));
            ages.Add(world.AgeWhenFound);
        }

        // Acted on at 30, and again after the 20 aggregations that the scheme asks for.
        ages.Should().Equal([30, .. Enumerable.Range(1, 20).Select(age => (uint)age), 1, 2, 3, 4]);
        world.Memory.Applied.Should().Equal(First, First);
    }

    [Fact]
    public void Bytes_are_counted_once_for_as_long_as_they_are_reported()
    {
        using var world = new World(Scheme(SchemeMode.Observe));
        for (var pass = 0u; pass < 100; pass++)
        {
            world.Pass(new Region(First.Start, First.End, Age: 30 + pass));
        }

        (world.Statistics.AppliedBytes, world.Statistics.AwayBytes, world.Statistics.RefaultBytes).Should().Be((First.SizeBytes, First.SizeBytes, 0UL));
        world.Memory.Applied.Should().BeEmpty();
    }

    [Fact]
    public void Bytes_that_fall_out_of_the_report_count_as_accessed_again()
    {
        using var world = new World(Scheme(SchemeMode.Observe));
        world.Pass(new Region(First.Start, First.End, Age: 30), new Region(Second.Start, Second.End, Age: 30));

        // Of the second region only the last quarter is still reported.
        world.Pass(new Region(First.Start, First.End, Age: 31), new Region(Second.End - (Second.SizeBytes / 4), Second.End, Age: 31));

        world.Statistics.AwayBytes.Should().Be(First.SizeBytes + (Second.SizeBytes / 4));
        world.Statistics.RefaultBytes.Should().Be(Second.SizeBytes * 3 / 4);
    }

    [Fact]
    public void Regions_that_are_cut_or_joined_otherwise_keep_what_was_counted()
    {
        using var world = new World(Scheme(SchemeMode.Observe));
        world.Pass(new Region(First.Start, First.End, Age: 30), new Region(Second.Start, Second.End, Age: 30));

        world.Pass(new Region(First.Start, Second.End, Age: 31));
        world.Pass(new Region(First.Start, First.Start + MiB, Age: 32), new Region(First.Start + MiB, Second.End, Age: 32));

        world.Statistics.AwayBytes.Should().Be(First.SizeBytes + Second.SizeBytes);
        (world.Statistics.AppliedBytes, world.Statistics.RefaultBytes).Should().Be((First.SizeBytes + Second.SizeBytes, 0UL));
    }

    [Fact]
    public void Accesses_within_the_report_take_bytes_out_once_for_each_aggregation_they_stand_for()
    {
        using var world = new World(Scheme(SchemeMode.Observe) with { Pattern = new AccessPattern { MaxRate = AccessRate.FromPercent(50), MinAge = TimeSpan.FromSeconds(2) } });
        world.Pass(new Region(First.Start, First.End, Age: 30));

        // Half of the samples, for two aggregations: a half, and then a half of the rest.
        world.PassAfter(Intervals.Aggregation * 2, new Region(First.Start, First.End, Accesses: 10, Age: 1));

        (world.Statistics.AwayBytes, world.Statistics.RefaultBytes).Should().Be((First.SizeBytes / 4, First.SizeBytes * 3 / 4));
    }

    [Fact]
    public void What_is_forgotten_is_neither_away_nor_accessed_again()
    {
        using var world = new World(Scheme(SchemeMode.Observe));
        world.Pass(new Region(First.Start, First.End, Age: 30));

        world.Session.Forget();
        world.Pass();

        (world.Statistics.AwayBytes, world.Statistics.RefaultBytes).Should().Be((0UL, 0UL));
    }

    [Fact]
    public void Time_that_is_no_whole_aggregation_is_carried_over()
    {
        using var world = new World(Scheme(SchemeMode.Observe));

        world.PassAfter(TimeSpan.FromMilliseconds(250));
        world.Session.Session.Aggregations.Should().Be(2);
        world.PassAfter(TimeSpan.FromMilliseconds(250));

        world.Session.Session.Aggregations.Should().Be(5);
        world.Session.Session.Elapsed.Should().Be(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void A_look_that_comes_a_little_early_does_not_make_time_run_faster()
    {
        using var world = new World(Scheme(SchemeMode.Observe));
        for (var pass = 0; pass < 100; pass++)
        {
            world.PassAfter(TimeSpan.FromMilliseconds(pass % 2 == 0 ? 80 : 120));
        }

        world.Session.Session.Aggregations.Should().BeInRange(99, 101);
    }

    [Fact]
    public void However_many_apply_intervals_have_passed_a_report_is_acted_on_once()
    {
        using var world = new World(Scheme(SchemeMode.Enforce) with { Quota = new SchemeQuota { SizeBytes = MiB, Interval = TimeSpan.FromSeconds(1) } });

        world.PassAfter(TimeSpan.FromSeconds(10), new Region(First.Start, First.End, Age: 300));

        world.Memory.Applied.Should().Equal(new AddressRange(First.Start, First.Start + MiB));
    }

    [Fact]
    public void A_scheme_is_applied_when_its_interval_is_over()
    {
        using var world = new World(Scheme(SchemeMode.Observe) with { ApplyInterval = TimeSpan.FromSeconds(1), Pattern = new AccessPattern { MaxRate = AccessRate.Never } });
        var matched = new List<ulong>();
        for (var pass = 0u; pass < 20; pass++)
        {
            world.Pass(new Region(First.Start, First.End, Age: 30));
            matched.Add(world.Statistics.MatchedRegions);
        }

        matched.Should().Equal([.. Enumerable.Repeat(0UL, 9), .. Enumerable.Repeat(1UL, 10), 2]);
    }

    [Fact]
    public void Ages_that_were_started_anew_keep_their_time_when_intervals_change()
    {
        using var world = new World(Scheme(SchemeMode.Enforce));
        world.Pass(new Region(First.Start, First.End, Age: 30));
        for (var pass = 1u; pass <= 10; pass++)
        {
            world.Pass(new Region(First.Start, First.End, Age: 30 + pass));
        }

        var longer = Intervals.WithSample(TimeSpan.FromMilliseconds(25));
        world.Session.Report(1, [new Region(First.Start, First.End, Age: 9)]);
        world.Session.Pass(longer, longer.Aggregation);

        // A second at 100 ms, which are two aggregations of 500 ms, and the one that has passed.
        world.AgeWhenFound.Should().Be(3);
        world.Session.Session.Intervals.Should().Be(longer);
    }

    [Fact]
    public void A_session_that_rests_lets_nothing_pass()
    {
        using var world = new World(Scheme(SchemeMode.Enforce));
        world.Session.Session.IsPaused = true;

        world.Pass(new Region(First.Start, First.End, Age: 30));

        world.Session.Session.Aggregations.Should().Be(0);
        world.Memory.Applied.Should().BeEmpty();
    }

    [Fact]
    public void A_target_that_has_ended_is_told_with_its_reason()
    {
        using var world = new World(Scheme(SchemeMode.Enforce));

        world.Session.EndTarget(1, TargetState.Gone, "it has exited");

        world.Session.Session.EndedTargets.Should().ContainSingle().Which.Should().Be(new EndedTarget(1, TargetState.Gone, "it has exited", 0));
        world.Memory.IsDisposed.Should().BeTrue();
        world.Session.Invoking(session => session.EndTarget(2, TargetState.Active, "")).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Another_plan_keeps_what_was_counted_and_a_wrong_one_changes_nothing()
    {
        using var world = new World(Scheme(SchemeMode.Observe));
        world.Pass(new Region(First.Start, First.End, Age: 30));

        world.Session.Commit(world.Plan with { Limits = new RegionLimits(10, 5) }).Should().ContainSingle();
        world.Session.Commit(world.Plan with { Schemes = [Scheme(SchemeMode.Observe) with { Quota = new SchemeQuota { SizeBytes = MiB } }] }).Should().BeEmpty();
        world.Pass(new Region(First.Start, First.End, Age: 31));

        world.Statistics.AwayBytes.Should().Be(First.SizeBytes);
        world.Session.Session.Schemes[0].Description.Quota.SizeBytes.Should().Be(MiB);
    }

    private static SchemeDescription Scheme(SchemeMode mode) => new("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) }) { Mode = mode };

    private sealed class World : IDisposable, ISessionObserver
    {
        public World(SchemeDescription scheme)
        {
            Plan = new MonitoringPlan(Intervals, RegionLimits.Default, [scheme]);
            Session = new ReportedSession(Plan, TimeProvider.System, this);
            Memory.Resident = 1UL << 40;
            Target = Session.AddTarget(1, Memory);
        }

        public MonitoringPlan Plan { get; }

        public ReportedSession Session { get; }

        public SessionTarget Target { get; }

        public ScriptedMemory Memory { get; } = new();

        public SchemeStatistics Statistics => Session.Session.Schemes[0].Statistics;

        /// <summary>Of the first region, before the scheme looked at it.</summary>
        public uint AgeWhenFound { get; private set; }

        public void Pass(params Region[] regions) => PassAfter(Intervals.Aggregation, regions);

        public void PassAfter(TimeSpan since, params Region[] regions)
        {
            Session.Report(1, regions);
            Session.Pass(Intervals, since);
        }

        public void OnAggregated(MonitoringSession session) => AgeWhenFound = Target.Regions.Count > 0 ? Target.Regions.Ages[0] : 0;

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
        {
        }

        public void Dispose() => Session.Dispose();
    }
}

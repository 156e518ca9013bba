using System.Globalization;
using System.Text;
using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;
using static Damon.Engine.Tests.Monitoring.MonitoringSessionTests;
using static Damon.Engine.Tests.Monitoring.SchemeTests;

namespace Damon.Engine.Tests.Monitoring;

public class CommitTests
{
    private const ulong Page = 4096;

    private static readonly MonitoringPlan Plan = new(MonitoringIntervals.Default, RegionLimits.Default, [Scheme("a"), Scheme("b") with { Mode = SchemeMode.Observe }]);

    /// <summary>Every part of a plan that keeps state between samples: budgets that run out, ledgers, several apply intervals, a goal.</summary>
    private static MonitoringPlan FullPlan(bool tunes) => new(
        MonitoringIntervals.Default with { Update = TimeSpan.FromMilliseconds(500) },
        new RegionLimits(10, 100),
        [
            Scheme("budget") with { Pattern = new() { MinAge = TimeSpan.FromMilliseconds(400), MaxRate = AccessRate.FromPercent(5) }, Quota = new() { SizeBytes = 1 << 20, Interval = TimeSpan.FromMilliseconds(330) } },
            Scheme("observed") with { Mode = SchemeMode.Observe, ApplyInterval = TimeSpan.FromMilliseconds(70), Quota = new() { Time = TimeSpan.FromMilliseconds(1) } },
            new("counted", SchemeAction.Stat, new() { MinRate = AccessRate.FromPercent(20) }) { ApplyInterval = TimeSpan.FromMilliseconds(10) },
        ])
    {
        IntervalsGoal = tunes ? new() { MaxSample = TimeSpan.FromMilliseconds(50) } : null,
        ResidentFloorBytes = 1 << 20,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void S6_committing_the_same_plan_at_any_moment_changes_no_later_result(bool tunes) =>
        Gen.Select(Gen.ULong, Gen.Int[1, 900].Array[1, 30]).Sample(
            (seed, moments) =>
            {
                var plan = FullPlan(tunes);
                var committed = new HashSet<int>(moments);
                Transcript(plan, seed, (session, i) =>
                {
                    if (committed.Contains(i))
                    {
                        session.Commit(Copy(plan)).Should().BeEmpty();
                    }
                }).Should().Be(Transcript(plan, seed, (_, _) => { }));
            },
            iter: 20,
            threads: 1);

    [Fact]
    public void S6_a_minimal_plan_after_a_full_one_is_in_force_exactly()
    {
        var minimal = new MonitoringPlan(new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)), new(3, 7), []);
        var full = FullPlan(tunes: true) with { Layout = AddressSpaceLayout.ThreeRanges, IsPaused = true };
        using var session = Session(minimal, out _);

        session.Commit(full).Should().BeEmpty();
        (session.Plan, session.Intervals, session.IsPaused, session.Schemes.Count).Should().Be((full, full.Intervals, true, 3));
        session.Commit(minimal).Should().BeEmpty();

        (session.Plan, session.Intervals, session.IsPaused, session.Schemes.Count).Should().Be((minimal, minimal.Intervals, false, 0));
        Aggregate(session);
        session.RegionCount.Should().BeInRange(3, 7);
    }

    [Fact]
    public void S6_removal_of_the_middle_one_of_three_targets_leaves_the_others_as_they_are()
    {
        using var session = Session(Plan with { Schemes = [] }, out _);
        foreach (var id in new[] { 2, 3 })
        {
            var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 256 * Page) } };
            session.AddTarget(id, memory, memory);
        }

        Aggregate(session);
        Aggregate(session);
        var kept = session.TakeSnapshot().Targets.Where(target => target.Id != 2).Select(target => string.Join(' ', target.Regions)).ToList();

        session.RemoveTarget(2, "obsolete");

        session.Targets.Select(target => target.Id).Should().Equal(1, 3);
        session.TakeSnapshot().Targets.Select(target => string.Join(' ', target.Regions)).Should().Equal(kept);
        session.EndedTargets.Should().ContainSingle().Which.Reason.Should().Be("obsolete");
        Aggregate(session);
    }

    [Fact]
    public void A_plan_with_errors_changes_nothing()
    {
        var plan = FullPlan(tunes: false);
        MonitoringPlan[] wrong =
        [
            plan with { Intervals = default, Schemes = [] },
            plan with { Limits = new(2, 1) },
            plan with { MinRegionBytes = 4095 },
            plan with { MinRegionBytes = 8192 },
            plan with { Schemes = [Scheme("new"), Scheme("new")] },
            plan with { Schemes = [plan.Schemes[2], plan.Schemes[0], plan.Schemes[1] with { Quota = new() { Interval = TimeSpan.Zero } }] },
        ];
        Transcript(plan, 5, (session, i) =>
        {
            if (i % 37 == 0)
            {
                session.Commit(wrong[i / 37 % wrong.Length]).Should().NotBeEmpty();
                session.Plan.Should().BeSameAs(plan);
            }
        }).Should().Be(Transcript(plan, 5, (_, _) => { }));
    }

    [Fact]
    public void Schemes_are_known_by_name_and_keep_what_they_know_wherever_they_stand()
    {
        var plan = Plan with { Schemes = [Plan.Schemes[0], Plan.Schemes[1] with { Quota = new() { SizeBytes = 10 * Page, Interval = TimeSpan.FromHours(1) } }] };
        using var session = Session(plan, out _);
        for (var i = 0; i < 5; i++)
        {
            Aggregate(session);
        }

        var (a, b) = (session.Schemes[0], session.Schemes[1]);
        var before = (a.Statistics with { }, b.Statistics with { }, Ledger(session, 0), Ledger(session, 1));
        before.Item1.AppliedBytes.Should().BeGreaterThan(0);
        before.Item3.Should().BeGreaterThan(0);
        before.Item4.Should().NotBe(before.Item3, "else a mix-up would not show");

        session.Commit(plan with { Schemes = [Scheme("new"), plan.Schemes[1], plan.Schemes[0]] }).Should().BeEmpty();

        session.Schemes[1].Should().BeSameAs(b);
        session.Schemes[2].Should().BeSameAs(a);
        (a.Statistics, b.Statistics, Ledger(session, 2), Ledger(session, 1), Ledger(session, 0)).Should().Be((before.Item1, before.Item2, before.Item3, before.Item4, 0UL));

        session.Commit(plan with { Schemes = [plan.Schemes[0]] }).Should().BeEmpty();

        session.Schemes.Should().ContainSingle().Which.Should().BeSameAs(a);
        Ledger(session, 0).Should().Be(before.Item3);
        Aggregate(session);
    }

    [Fact]
    public void A_scheme_that_left_can_still_be_read_and_comes_back_as_a_new_one()
    {
        using var session = Session(Plan, out _);
        Aggregate(session);
        var left = session.Schemes[0];
        var applied = left.Statistics.AppliedBytes;

        session.Commit(Plan with { Schemes = [] });
        Aggregate(session);
        session.Commit(Plan);

        applied.Should().BeGreaterThan(0);
        (left.Statistics.AppliedBytes, left.TriedInLatestPass().Count > 0).Should().Be((applied, true));
        session.Schemes[0].Should().NotBeSameAs(left);
        session.Schemes[0].Statistics.AppliedBytes.Should().Be(0);
    }

    [Fact]
    public void A21_a_changed_scheme_is_in_force_and_keeps_its_statistics()
    {
        var pattern = new AccessPattern { MinSizeBytes = 1, MaxSizeBytes = 2, MinRate = AccessRate.FromPercent(15), MaxRate = AccessRate.FromPercent(20), MinAge = TimeSpan.FromSeconds(5), MaxAge = TimeSpan.FromSeconds(6) };
        var changed = new AccessPattern { MinSizeBytes = 2, MaxSizeBytes = 3, MinRate = AccessRate.FromPercent(20), MaxRate = AccessRate.FromPercent(25), MinAge = TimeSpan.FromSeconds(6), MaxAge = TimeSpan.FromSeconds(7) };
        var scheme = Scheme("s") with { Pattern = pattern, ApplyInterval = TimeSpan.FromSeconds(1) };
        using var session = Session(Plan with { Schemes = [scheme] }, out _);
        var run = session.Schemes[0];
        run.Statistics.MatchedRegions = 77;

        var description = scheme with { Pattern = changed, Action = SchemeAction.MigrateHot, Destinations = [new(5)], ApplyInterval = TimeSpan.FromSeconds(2) };
        session.Commit(Plan with { Schemes = [description] }).Should().BeEmpty();

        session.Schemes[0].Should().BeSameAs(run);
        run.Description.Should().Be(description);
        run.Action.Should().Be(new MemoryAction(SchemeAction.MigrateHot, [new(5)]));
        (run.Thresholds.MinSizeBytes, run.Thresholds.MaxSizeBytes, run.Thresholds.MinAccesses, run.Thresholds.MaxAccesses, run.Thresholds.MinAge, run.Thresholds.MaxAge)
            .Should().Be((2UL, 3UL, 4u, 5u, 60u, 70u));
        (run.IntervalsBetweenPasses, run.Statistics.MatchedRegions).Should().Be((400u, 77UL));
    }

    // (node, weight)
    [Theory]
    [InlineData("1,2 2,3 3,4", "4,5 5,6 6,7")]
    [InlineData("1,2 2,3", "4,5 5,6 6,7")]
    [InlineData("", "4,5 5,6 6,7")]
    [InlineData("1,2 2,3 3,4", "4,5 5,6")]
    [InlineData("1,2 2,3 3,4", "")]
    public void A19_destinations_are_replaced_as_a_whole(string before, string after)
    {
        using var session = Session(Plan with { Schemes = [Migrating(before)] }, out _);

        session.Commit(Plan with { Schemes = [Migrating(after)] }).Should().BeEmpty();

        session.Schemes[0].Action.Should().Be(new MemoryAction(Migrating(after).Action, Destinations(after)));
        session.Schemes[0].Description.Destinations.Should().Equal(Destinations(after));
    }

    [Fact]
    public void Destinations_that_are_wrong_leave_the_old_ones_in_force()
    {
        using var session = Session(Plan with { Schemes = [Migrating("1,2")] }, out _);

        session.Commit(Plan with { Schemes = [Migrating("1,2 1,3")] }).Should().ContainSingle().Which.Field.Should().Be("schemes[m].destinations[1].node");
        session.Commit(Plan with { Schemes = [Migrating("1,2") with { Destinations = [] }] }).Should().ContainSingle().Which.Field.Should().Be("schemes[m].destinations");

        session.Schemes[0].Action.Should().Be(new MemoryAction(SchemeAction.MigrateHot, Destinations("1,2")));
    }

    [Fact]
    public void What_was_moved_to_other_nodes_is_not_counted_as_moved_to_the_new_ones()
    {
        var scheme = Migrating("1,2") with { Pattern = new() };
        using var session = Session(Plan with { Schemes = [scheme] }, out _);
        Aggregate(session);
        var before = Ledger(session, 0);

        session.Commit(Plan with { Schemes = [scheme with { Destinations = [new(1, 2)] }] });
        Ledger(session, 0).Should().Be(before, "an equal list is the same plan").And.BeGreaterThan(0);
        session.Commit(Plan with { Schemes = [scheme with { Destinations = [new(2, 2)] }] });

        (Ledger(session, 0), session.Schemes[0].Statistics.AwayBytes).Should().Be((0UL, 0UL));
    }

    [Fact]
    public void Whether_any_destination_will_do_is_in_force_with_the_plan_and_begins_the_ledger_anew()
    {
        var scheme = Migrating("1,2") with { Pattern = new() };
        using var session = Session(Plan with { Schemes = [scheme] }, out _);
        Aggregate(session);

        session.Commit(Plan with { Schemes = [scheme with { AnyDestinationWillDo = true }] });

        (session.Schemes[0].Action.AnyDestinationWillDo, Ledger(session, 0)).Should().Be((true, 0UL));
    }

    [Theory]
    [InlineData("mode")]
    [InlineData("action")]
    public void What_another_mode_or_action_has_put_away_is_not_counted_as_done_by_the_new_one(string what)
    {
        var scheme = Scheme("s") with { Mode = SchemeMode.Observe, Quota = new() { SizeBytes = 10 * Page, Interval = TimeSpan.FromMilliseconds(100) } };
        using var session = Session(Plan with { Schemes = [scheme] }, out _);
        Aggregate(session);
        Aggregate(session);
        Ledger(session, 0).Should().BeGreaterThan(0);
        session.Schemes[0].ResumeTarget.Should().Be(1);
        var charged = session.Schemes[0].Window.ChargedBytes;

        session.Commit(Plan with { Schemes = [what == "mode" ? scheme with { Mode = SchemeMode.Enforce } : scheme with { Action = SchemeAction.Cold }] });

        (Ledger(session, 0), session.Schemes[0].ResumeTarget, session.Schemes[0].Statistics.AwayBytes).Should().Be((0UL, -1, 0UL));
        charged.Should().BeGreaterThan(0);
        session.Schemes[0].Window.ChargedBytes.Should().Be(charged, "the budget is the scheme's, whatever it does");
    }

    private static SchemeDescription Migrating(string destinations) =>
        new("m", destinations.Length == 0 ? SchemeAction.Cold : SchemeAction.MigrateHot, new() { MinSizeBytes = ulong.MaxValue }) { Destinations = Destinations(destinations) };

    private static MigrationDestination[] Destinations(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split(',')).Select(one => new MigrationDestination(int.Parse(one[0], CultureInfo.InvariantCulture), int.Parse(one[1], CultureInfo.InvariantCulture)))];

    [Fact]
    public void A_changed_pattern_keeps_ledgers_and_the_place_to_go_on()
    {
        var scheme = Scheme("s") with { Mode = SchemeMode.Observe, Quota = new() { SizeBytes = 10 * Page, Interval = TimeSpan.FromMilliseconds(100) } };
        using var session = Session(Plan with { Schemes = [scheme] }, out _);
        Aggregate(session);
        Aggregate(session);
        var before = (Ledger(session, 0), session.Schemes[0].ResumeTarget, session.Schemes[0].ResumeAddress);

        session.Commit(Plan with { Schemes = [scheme with { Pattern = new() }] });

        (Ledger(session, 0), session.Schemes[0].ResumeTarget, session.Schemes[0].ResumeAddress).Should().Be(before);
        before.ResumeTarget.Should().Be(1);
    }

    [Fact]
    public void A_lowered_budget_holds_in_the_window_that_is_open()
    {
        var scheme = Scheme("s") with { Quota = new() { SizeBytes = 10 * Page, Interval = TimeSpan.FromHours(1) }, ApplyInterval = TimeSpan.FromMilliseconds(5) };
        using var session = Session(Plan with { Schemes = [scheme] }, out var memory);
        session.Commit(Plan with { Schemes = [scheme with { Pattern = new() { MinSizeBytes = ulong.MaxValue } }] });
        Round(session);
        session.Commit(Plan with { Schemes = [scheme with { Quota = scheme.Quota with { SizeBytes = 3 * Page } }] });

        Aggregate(session);
        Aggregate(session);

        memory.Applied.Aggregate(0UL, (sum, range) => sum + range.SizeBytes).Should().Be(3 * Page);
    }

    [Fact]
    public void A22_new_ranges_of_a_target_take_the_place_of_the_old_ones_and_no_ranges_leave_them()
    {
        using var session = Session(Plan with { Schemes = [], MinRegionBytes = 1, Intervals = Plan.Intervals with { Update = Plan.Intervals.Aggregation } }, out var memory);
        memory.Ranges.Clear();
        memory.Ranges.AddRange([new(3, 8), new(8, 10)]);
        Aggregate(session);
        Covered(session).Should().Equal(new AddressRange(3, 10));

        memory.Ranges.Clear();
        memory.Ranges.Add(new(4, 6));
        Aggregate(session);
        Covered(session).Should().Equal(new AddressRange(4, 6));

        memory.Ranges.Clear();
        Aggregate(session);
        Covered(session).Should().Equal(new AddressRange(4, 6));
    }

    [Fact]
    public void A23_commit_of_a_whole_plan()
    {
        using var session = Session(Plan, out var memory);

        session.Commit(Plan with { MinRegionBytes = 4096 }).Should().BeEmpty();
        session.Commit(Plan with { MinRegionBytes = 4095 }).Should().ContainSingle(error => error.Field == "minRegionBytes" && error.Message.Contains("power of two"));
        session.IsPaused.Should().BeFalse();
        session.Commit(Plan with { IsPaused = true }).Should().BeEmpty();
        session.IsPaused.Should().BeTrue();

        session.Dispose();
        memory.IsDisposed.Should().BeTrue();
        session.TakeSnapshot().Targets.Should().BeEmpty("a question after the end gets an answer");
    }

    [Fact]
    public void A1_targets_are_counted_as_they_come_and_go()
    {
        using var session = new MonitoringSession(Plan, new MappingRegionPolicy(), new RandomSource(1), TimeProvider.System);
        using var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 4096) } };

        session.Targets.Count.Should().Be(0);
        session.AddTarget(1, memory, memory).Regions.Count.Should().Be(1);
        session.Targets.Count.Should().Be(1);
        session.RemoveTarget(1, "");
        session.Targets.Count.Should().Be(0);
    }

    [Fact]
    public void A27_a_target_is_taken_in_once()
    {
        using var session = Session(Plan, out _);
        using var memory = new ScriptedMemory();

        FluentActions.Invoking(() => session.AddTarget(1, memory, memory)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => session.AddTarget(-1, memory, memory)).Should().Throw<ArgumentOutOfRangeException>();
        session.Targets.Should().ContainSingle();
    }

    [Fact]
    public void A_commit_while_regions_are_looked_at_is_a_mistake_of_the_caller()
    {
        using var session = Session(Plan, out _);
        session.BeginSample();

        FluentActions.Invoking(() => session.Commit(Plan)).Should().Throw<InvalidOperationException>();

        session.EndSample();
        session.Commit(Plan).Should().BeEmpty();
    }

    [Fact]
    public void A_change_in_the_middle_of_an_aggregation_drops_its_counts_and_converts_the_last_ones()
    {
        using var session = Session(Plan with { Schemes = [] }, out var memory);
        memory.IsAccessed = _ => true;
        for (var i = 0; i < 20; i++)
        {
            Aggregate(session);
        }

        for (var i = 0; i < 7; i++)
        {
            Round(session);
        }

        var regions = session.Targets[0].Regions;
        regions.Accesses.ToArray().Should().OnlyContain(count => count == 7);
        var ages = regions.Ages.ToArray();

        session.Commit(Plan with { Schemes = [], Intervals = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(60)) });

        regions.Accesses.ToArray().Should().OnlyContain(count => count == 0);
        regions.LastAccesses.ToArray().Should().OnlyContain(count => count == 40);
        regions.Ages.ToArray().Should().Equal(ages.Select(age => age / 2));
        Enumerable.Range(1, 80).Where(_ => Round(session)).Should().HaveCount(2);
    }

    [Fact]
    public void Another_update_interval_alone_drops_no_count()
    {
        using var session = Session(Plan with { Schemes = [] }, out var memory);
        memory.IsAccessed = _ => true;
        for (var i = 0; i < 27; i++)
        {
            Round(session);
        }

        session.Commit(Plan with { Schemes = [], Intervals = Plan.Intervals with { Update = TimeSpan.FromMilliseconds(100) } });

        session.Targets[0].Regions.Accesses.ToArray().Should().OnlyContain(count => count == 7);
        var reads = memory.Reads;
        for (var i = 0; i < 4; i++)
        {
            Aggregate(session);
        }

        memory.Reads.Should().Be(reads + 3, "the first 100 ms from now end inside the second aggregation");
    }

    [Fact]
    public void Changing_intervals_again_and_again_does_not_put_a_scheme_off()
    {
        var scheme = Scheme("s") with { ApplyInterval = TimeSpan.FromMilliseconds(300), Action = SchemeAction.Stat, Pattern = new() };
        var plan = Plan with { Schemes = [scheme], Limits = new(3, 3) };
        using var session = Session(plan, out _);
        for (var i = 0; i < 60; i++)
        {
            // Every 100 ms of sampled time, and never a complete 300 ms in between.
            var sample = TimeSpan.FromMilliseconds(i % 2 == 0 ? 10 : 5);
            session.Commit(plan with { Intervals = plan.Intervals.WithSample(sample) });
            for (var elapsed = TimeSpan.Zero; elapsed < TimeSpan.FromMilliseconds(100); elapsed += sample)
            {
                Round(session);
            }
        }

        session.Elapsed.Should().Be(TimeSpan.FromSeconds(6));
        session.Schemes[0].Statistics.MatchedBytes.Should().BeInRange(18 * 256 * Page, 20 * 256 * Page);
    }

    [Fact]
    public void A_goal_that_is_taken_away_brings_the_plans_intervals_back()
    {
        var plan = Plan with { Schemes = [], IntervalsGoal = new() };
        using var session = Session(plan, out _);
        for (var i = 0; i < 20; i++)
        {
            Aggregate(session);
        }

        session.Intervals.Sample.Should().BeGreaterThan(TimeSpan.FromMilliseconds(100), "nothing is accessed");
        session.Commit(plan with { IntervalsGoal = new() { MaxSample = TimeSpan.FromMilliseconds(80) } });
        session.Intervals.Sample.Should().Be(TimeSpan.FromMilliseconds(80));
        session.Commit(plan with { IntervalsGoal = null });
        session.Intervals.Should().Be(plan.Intervals);
    }

    internal static MonitoringSession Session(MonitoringPlan plan, out ScriptedMemory memory, ulong pages = 256)
    {
        var random = new RandomSource(1);
        var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System);
        memory = new ScriptedMemory { Ranges = { new AddressRange(0, pages * Page) } };
        session.AddTarget(1, memory, memory);
        return session;
    }

    private static ulong Ledger(MonitoringSession session, int scheme)
    {
        ulong sum = 0;
        foreach (var target in session.Targets)
        {
            for (var i = 0; i < target.Regions.Count; i++)
            {
                sum += target.Regions.LedgerOf(i)[scheme];
            }
        }

        return sum;
    }

    private static List<AddressRange> Covered(MonitoringSession session)
    {
        var covered = new List<AddressRange>();
        foreach (var region in session.TakeSnapshot().Targets[0].Regions)
        {
            if (covered.Count > 0 && covered[^1].End == region.Range.Start)
            {
                covered[^1] = new(covered[^1].Start, region.Range.End);
            }
            else
            {
                covered.Add(region.Range);
            }
        }

        return covered;
    }

    /// <summary>The same plan out of other objects, as one read from a file a second time.</summary>
    private static MonitoringPlan Copy(MonitoringPlan plan) => plan with
    {
        Schemes = [.. plan.Schemes.Select(s => s with { Pattern = s.Pattern with { }, Quota = s.Quota with { } })],
        IntervalsGoal = plan.IntervalsGoal is null ? null : plan.IntervalsGoal with { },
    };

    /// <summary>Everything that a session knows after each aggregation and at the end, as text.</summary>
    private static string Transcript(MonitoringPlan plan, ulong seed, Action<MonitoringSession, int> meddle)
    {
        var text = new StringBuilder();
        using var memory = new SimulatedMemory([new AddressRange(1UL << 30, (1UL << 30) + (16UL << 20)), new AddressRange((1UL << 30) + (16UL << 20), (1UL << 30) + (64UL << 20))], 0.2, new RandomSource(~seed));
        memory.SetAccess(0, new SimulatedAccess(2e6));
        var random = new RandomSource(seed);

        // A clock that stands still: what the machine took for a call must not decide.
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, new VirtualTime());
        session.AddTarget(1, memory, memory);
        for (var i = 0; i < 900; i++)
        {
            meddle(session, i);
            session.BeginSample();
            memory.Advance(session.Intervals.Sample);
            if (session.EndSample())
            {
                Describe(session, text);
            }
        }

        Describe(session, text);
        return text.ToString();
    }

    private static void Describe(MonitoringSession session, StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{session.Elapsed} {session.Intervals} {session.Aggregations}\n");
        foreach (var target in session.Targets)
        {
            for (var i = 0; i < target.Regions.Count; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{target.Regions[i]} {target.Regions.SampleAddresses[i]} {string.Join(',', target.Regions.LedgerOf(i).ToArray())}\n");
            }
        }

        foreach (var scheme in session.Schemes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{scheme.Description.Name} {scheme.Statistics} {scheme.Thresholds} {scheme.NextApplyInterval} {scheme.ResumeTarget} {scheme.ResumeAddress} ");
            text.Append(CultureInfo.InvariantCulture, $"{scheme.Window.EffectiveBytes} {scheme.Window.ChargedBytes} {string.Join(' ', scheme.TriedInLatestPass())}\n");
        }
    }
}

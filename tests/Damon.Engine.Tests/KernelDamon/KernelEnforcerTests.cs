using CsCheck;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;
using static Damon.Engine.Tests.KernelDamon.KernelExamples;

namespace Damon.Engine.Tests.KernelDamon;

public class KernelEnforcerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_scheme_with_a_window_of_the_kernels_own_acts_on_forever_whatever_its_limit_of_snapshots()
    {
        // Why grants have endless windows: such a scheme fills its budget before the end of the sweep, and then no pass is counted.
        var kernel = new ModelKernel(new VirtualTime(), Newest);
        var scheme = Compile(Pageout).Scheme! with { Quota = Pageout.Quota, MaxSnapshots = 1 };
        kernel.Start(new KernelContext(KernelOperations.Paddr, Intervals, RegionLimits.Default, [], [scheme]));

        kernel.Run(TimeSpan.FromMinutes(10));

        kernel.Applied.Should().Contain(applied => applied.At > KernelLease.Term);
        kernel.ReadStatistics().Value[0].Snapshots.Should().Be(0);
    }

    /// <summary>The dead-man law: whenever the agent dies, between any two calls or within one, nothing is applied 30 s later, and never more than one budget.</summary>
    [Fact]
    public void After_the_agents_death_the_kernel_applies_one_budget_at_the_most_and_nothing_after_the_term()
    {
        var outlived = 0;
        Gen.Select(Gen.Int[1, 40], Gen.Bool, Gen.ULong[4096, 8 << 20], Gen.ULong[0, 2 << 20].Array[1, 6].Array[1, 4], Gen.Double[1, 2.9], Gen.Int[1, 100]).Sample(
            (deathAt, takesEffect, budget, regions, slowness, aggregationTenths) =>
            {
                var time = new VirtualTime();
                var kernel = new ModelKernel(time, Newest) { Regions = [regions[0]], Slowness = slowness };
                var intervals = Intervals with { Aggregation = TimeSpan.FromMilliseconds(100 * aggregationTenths), Update = TimeSpan.FromSeconds(60) };
                var scheme = Pageout with { Quota = new SchemeQuota { SizeBytes = budget }, Pattern = new AccessPattern() };
                var enforcer = Enforcer(kernel, time, [scheme], intervals: intervals);
                var calls = 0;
                kernel.OnCall = _ => ++calls == deathAt && !takesEffect ? throw new InvalidOperationException("dead") : null;
                kernel.AfterCall = _ =>
                {
                    if (calls == deathAt && takesEffect)
                        throw new InvalidOperationException("dead");
                };
                Live(enforcer, kernel);

                if (AssertEnds(kernel, budget))
                    Interlocked.Increment(ref outlived);
            },
            iter: 2000);
        outlived.Should().BeGreaterThan(50, "the agent must often die with a grant out");
    }

    /// <summary>The same for advice to processes, of which all but the one that is always there may die with the agent.</summary>
    [Fact]
    public void After_the_agents_death_processes_that_die_or_map_memory_later_make_no_lease_longer()
    {
        var outlived = 0;
        Gen.Select(Gen.Int[1, 40], Gen.ULong[4096, 8 << 20], Gen.ULong[0, 2 << 20].Array[0, 6].Array[0, 20], Gen.Bool, Gen.Bool).Sample(
            (deathAt, budget, regions, diesLater, takesEffect) =>
            {
                var time = new VirtualTime();
                ulong[] alwaysThere = [4096];
                var kernel = new ModelKernel(time, Newest) { Regions = [alwaysThere, .. regions] };
                var scope = Scope() with { Targets = [.. Enumerable.Range(0, regions.Length + 1).Select(i => new KernelTarget(i + 2))] };
                var scheme = Pageout with { Action = SchemeAction.HugePage, Quota = new SchemeQuota { SizeBytes = budget } };
                var enforcer = Enforcer(kernel, time, [scheme], () => scope, operations: KernelOperations.Vaddr);
                var calls = 0;
                kernel.OnCall = _ => ++calls == deathAt && !takesEffect ? throw new InvalidOperationException("dead") : null;
                kernel.AfterCall = _ =>
                {
                    if (calls == deathAt && takesEffect)
                        throw new InvalidOperationException("dead");
                };
                Live(enforcer, kernel);
                kernel.Regions = diesLater ? [alwaysThere, .. regions.Select(_ => Array.Empty<ulong>())] : [alwaysThere, .. regions.Select(_ => new ulong[] { 1 << 20 })];

                if (AssertEnds(kernel, budget))
                    Interlocked.Increment(ref outlived);
            },
            // About one in fifteen dies with a grant out: with half as many cases chance alone came below the count that is asked for.
            iter: 2000);
        outlived.Should().BeGreaterThan(50, "the agent must often die with a grant out");
    }

    [Fact]
    public void In_every_window_the_budget_is_used_and_never_more()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        Steps(enforcer, kernel, 20);

        kernel.Applied.GroupBy(applied => (long)(applied.At / Second)).Should().OnlyContain(window => window.Sum(applied => (long)applied.Bytes) == 2 << 20);
        kernel.Applied.Sum(applied => (long)applied.Bytes).Should().Be(20 * (2 << 20));
        enforcer.Schemes[0].QuotaExceededWindows.Should().BeGreaterThan(15);
    }

    [Fact]
    public void What_was_tried_is_known_to_the_byte_across_all_grants()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[300 << 10, 5 << 10, 12 << 20]] };
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        Steps(enforcer, kernel, 7);
        enforcer.Rest();

        enforcer.Schemes[0].TriedBytes.Should().Be((ulong)kernel.Applied.Sum(applied => (long)applied.Bytes)).And.BeGreaterThan(0);
    }

    [Fact]
    public void While_nothing_is_cold_a_lease_costs_one_look_and_one_commit()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[0]] };
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        Steps(enforcer, kernel, 1);
        kernel.Calls.Clear();
        Steps(enforcer, kernel, 5);

        kernel.Calls.Should().Equal(Enumerable.Repeat(new[] { "read", "commit" }, 5).SelectMany(calls => calls));
        enforcer.Schemes[0].Grants.Should().Be(6);
        kernel.Context!.Schemes[0].MaxSnapshots.Should().Be(6);
    }

    [Fact]
    public void A_renewed_lease_acts_as_soon_as_memory_turns_cold()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[0]] };
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        Steps(enforcer, kernel, 5);
        kernel.Regions = [[8 << 20]];
        Steps(enforcer, kernel, 3);

        kernel.Applied.Select(applied => applied.Bytes).Should().Equal(2 << 20, 2 << 20, 2 << 20);
    }

    [Fact]
    public void Memory_of_others_that_is_colder_keeps_no_group_from_its_turn()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest with { HasFailedCharge = true }) { Regions = [[1UL << 30, 1UL << 20]], ScoreOf = region => region == 0 ? 99 : 60, IsLetThrough = region => region == 1 };
        var scope = Scope("/a") with { Targets = [new KernelTarget(0) { Ranges = [new AddressRange(0, 1UL << 31)] }] };
        var enforcer = Enforcer(kernel, time, [Pageout], () => scope);
        enforcer.Start();

        // 2 MiB of budget let it look at 512 MiB of others' memory a second.
        Steps(enforcer, kernel, 4);

        kernel.Applied.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pass_whose_budget_ends_below_the_last_address_is_gone_on_with_and_then_begins_anew(bool chargesLooksLess)
    {
        // 2 MiB a second: without an address to begin at each pass would end within the first GiB, or the first 2 MiB.
        var time = new VirtualTime();
        var others = chargesLooksLess ? 4UL << 30 : 16UL << 20;
        var kernel = new ModelKernel(time, Newest with { HasFailedCharge = chargesLooksLess }) { Regions = [[others, 1UL << 20]], IsLetThrough = region => region == 1 };
        var scope = Scope("/a") with { Targets = [new KernelTarget(0) { Ranges = [new AddressRange(0, others + (1UL << 20))] }] };
        var enforcer = Enforcer(kernel, time, [Pageout], () => scope);
        enforcer.Start();
        Steps(enforcer, kernel, 60);

        kernel.Applied.Count.Should().BeGreaterThan(2, "it comes by again and again");
    }

    [Fact]
    public void A_pass_that_has_not_come_is_begun_where_it_would_have()
    {
        var grant = KernelLease.Grant(Compile(Pageout).Scheme!, Pageout.Quota, 2 << 20, 1, TimeSpan.FromSeconds(1), chargesLooksLess: true, start: 5 << 20);
        const ulong Full = 2 << 20;

        KernelLease.NextStart(5 << 20, default, 0, grant, 4096).Should().Be(5 << 20);
        KernelLease.NextStart(5 << 20, new KernelSchemeStatistics { Snapshots = 1 }, 0, grant, 4096).Should().Be(0);
        KernelLease.NextStart(5 << 20, new KernelSchemeStatistics { TriedBytes = 7 << 20 }, Full, grant, 4096).Should().Be(12 << 20);
        grant.Filters[0].Should().Be(new SchemeFilter(SchemeFilterType.Address, Matching: true, Allow: false) { EndAddress = 5 << 20 });
    }

    [Fact]
    public void A_rail_takes_the_grant_back_and_nothing_is_granted_while_it_holds()
    {
        var (time, held) = (new VirtualTime(), "");
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout], hold: () => held);
        enforcer.Start();
        Steps(enforcer, kernel, 2);
        var before = kernel.Applied.Count;
        held = "Pressure";
        Steps(enforcer, kernel, 5);

        kernel.Applied.Should().HaveCount(before);
        enforcer.Schemes[0].HeldBy.Should().Be("Pressure");
        enforcer.IsGranted.Should().BeFalse();
        held = "";
        Steps(enforcer, kernel, 1);
        kernel.Applied.Count.Should().BeGreaterThan(before);
        enforcer.Schemes[0].HeldBy.Should().BeEmpty();
    }

    [Fact]
    public void Watermarks_are_never_left_to_the_kernel_which_would_wake_a_scheme_after_the_agents_death()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var marks = new SchemeWatermarks { Metric = WatermarkMetric.AvailableMemory, High = 500, Mid = 400, Low = 100 };
        var machine = new Machine { AvailableBytes = 900 };
        var enforcer = Enforcer(kernel, time, [Pageout with { Watermarks = marks }], machine: machine);
        enforcer.Start();
        Steps(enforcer, kernel, 6);
        kernel.Applied.Should().BeEmpty();
        enforcer.Schemes[0].HeldBy.Should().Contain("above the high mark");

        machine.AvailableBytes = 300;
        Steps(enforcer, kernel, 6);
        kernel.Applied.Should().NotBeEmpty();
        kernel.Context!.Schemes.Should().OnlyContain(scheme => scheme.Watermarks == null);
    }

    [Fact]
    public void A_group_that_goes_between_the_look_and_the_commit_costs_one_more_commit()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var scope = Scope("/a", "/b");
        var enforcer = Enforcer(kernel, time, [Pageout], () => scope);
        enforcer.Start();
        kernel.OnCall = call =>
        {
            if (call != "commit" || scope.Cgroups.Count < 2)
                return null;
            scope = Scope("/a");
            return new KernelOutcome(KernelOutcomeKind.TargetVanished);
        };

        enforcer.Step().IsDone.Should().BeTrue();

        kernel.Context!.Schemes[0].Filters.Where(filter => filter.Type == SchemeFilterType.Cgroup).Select(filter => filter.CgroupPath).Should().Equal("/a");
        kernel.Run(Second);
        kernel.Applied.Should().NotBeEmpty();
    }

    [Fact]
    public void When_the_last_group_is_gone_nothing_is_acted_on_and_when_one_comes_it_goes_on()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var scope = Scope("/a");
        var enforcer = Enforcer(kernel, time, [Pageout], () => scope);
        enforcer.Start();
        Steps(enforcer, kernel, 2);
        scope = Scope();
        var before = kernel.Applied.Count;
        Steps(enforcer, kernel, 3);
        kernel.Applied.Should().HaveCount(before);
        enforcer.Schemes[0].Reason.Should().Be(KernelSchemeReason.NoEligibleCgroup);

        scope = Scope("/b");
        Steps(enforcer, kernel, 2);
        kernel.Applied.Count.Should().BeGreaterThan(before);
    }

    [Fact]
    public void No_group_falls_below_its_floor_even_if_all_of_a_grant_is_taken_from_it()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var scope = Scope() with { Cgroups = [new EligibleCgroup("/full", 3 << 20), new EligibleCgroup("/small", 5 << 20), new EligibleCgroup("/large", 1 << 30)] };
        var enforcer = Enforcer(kernel, time, [Pageout with { Quota = new SchemeQuota { SizeBytes = 64 << 20 } }], () => scope);
        enforcer.Start();
        enforcer.Step();

        var granted = kernel.Context!.Schemes[0];
        granted.Quota!.SizeBytes.Should().Be(5 << 20);
        granted.Filters.Should().NotContain(filter => filter.CgroupPath == "/full").And.Contain(filter => filter.CgroupPath == "/small");
    }

    [Fact]
    public void A_kdamond_that_was_turned_off_behind_our_back_is_started_again()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        Steps(enforcer, kernel, 2);
        kernel.Kill();

        enforcer.Step().Kind.Should().Be(KernelOutcomeKind.NotRunning);
        Steps(enforcer, kernel, 2);

        enforcer.Restarts.Should().Be(1);
        kernel.ReadState().Value.IsOn.Should().BeTrue();
        enforcer.IsGranted.Should().BeTrue();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Memory_of_other_groups_does_not_use_the_budget_up_where_the_kernel_can_charge_it_less(bool hasFailedCharge, bool isReached)
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest with { HasFailedCharge = hasFailedCharge }) { Regions = [[64 << 20, 8 << 20]], IsLetThrough = region => region == 1 };
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        Steps(enforcer, kernel, 4);

        (kernel.Applied.Count > 0).Should().Be(isReached);
        kernel.Applied.GroupBy(applied => (long)(applied.At / Second)).Where(window => window.Sum(applied => (long)applied.Bytes) > 2 << 20).Should().BeEmpty();
    }

    [Fact]
    public void A_pass_looks_at_no_more_than_the_budget_times_the_looks_of_a_charge()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest with { HasFailedCharge = true }) { Regions = [[1UL << 40]], IsLetThrough = _ => false };
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        Steps(enforcer, kernel, 1);
        enforcer.Rest();

        enforcer.Schemes[0].TriedBytes.Should().BeInRange(1, ((2UL << 20) + 4096) * KernelLease.LooksPerCharge);
    }

    [Fact]
    public void Somebody_elses_hand_is_seen_within_seconds_also_while_nothing_is_due()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout], hold: () => "Pressure");
        enforcer.Start();
        Steps(enforcer, kernel, 5);
        kernel.Calls.Should().NotContain("commit", "nothing is due");
        kernel.Stranger = "there are 2 kdamonds";
        var outcomes = new List<KernelOutcome>();
        for (var i = 0; i < 4; i++)
        {
            outcomes.Add(enforcer.Step());
            kernel.Run(enforcer.Interval);
        }

        outcomes.Should().Contain(new KernelOutcome(KernelOutcomeKind.Overwritten, "there are 2 kdamonds"));
    }

    [Fact]
    public void A_kdamond_that_is_turned_off_while_a_rail_holds_is_seen_and_started_again()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout], hold: () => "Pressure");
        enforcer.Start();
        Steps(enforcer, kernel, 5);
        kernel.Kill();
        Steps(enforcer, kernel, 5);

        enforcer.Restarts.Should().Be(1);
        kernel.ReadState().Value.IsOn.Should().BeTrue();
    }

    [Fact]
    public void Where_no_scheme_can_ever_be_carried_out_nothing_is_started()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest with { HasSnapshotLimit = false });

        var outcome = Enforcer(kernel, time, [Pageout]).Start();

        outcome.Kind.Should().Be(KernelOutcomeKind.Unsupported);
        outcome.Message.Should().Contain("NoLease");
        kernel.Calls.Should().BeEmpty();
        Enforcer(kernel, time, [Pageout, Pageout with { Name = "seen", Mode = SchemeMode.Observe }]).Start().IsDone.Should().BeTrue();
    }

    [Fact]
    public void Bytes_reported_are_those_measured_and_not_those_that_the_kernel_counts_again_and_again()
    {
        var (time, level) = (new VirtualTime(), 0L);
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout], level: () => level);
        enforcer.Start();
        enforcer.Step();
        kernel.Run(Second);
        level = 700_000;
        Steps(enforcer, kernel, 10);

        enforcer.Schemes[0].SaidBytes.Should().BeGreaterThan(10 << 20);
        enforcer.Schemes[0].EffectBytes.Should().Be(700_000);
        enforcer.Schemes[0].NoEffectGrants.Should().Be(9);
    }

    [Fact]
    public void Two_schemes_that_do_the_same_do_not_both_claim_what_was_measured()
    {
        var (time, level) = (new VirtualTime(), 0L);
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout, Pageout with { Name = "other" }], level: () => level);
        enforcer.Start();
        enforcer.Step();
        kernel.Run(Second);
        level = 3 << 20;
        enforcer.Rest();

        enforcer.Schemes.Select(scheme => scheme.EffectBytes).Should().Equal(2 << 20, 1 << 20);
    }

    [Fact]
    public void Where_a_node_may_not_be_acted_on_nothing_ever_is_and_what_matches_is_counted()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[4 << 20]] };
        var enforcer = Enforcer(kernel, time, [Pageout], allowed: false);
        enforcer.Start();
        Steps(enforcer, kernel, 30);

        kernel.Applied.Should().BeEmpty();
        kernel.Calls.Should().NotContain("commit");
        enforcer.Schemes[0].Should().Match<KernelSchemeStatus>(status => status.Reason == KernelSchemeReason.NodeTargetsNotAllowed && status.MatchedNowBytes == 4 << 20);
    }

    [Fact]
    public void What_is_observed_keeps_its_counts_while_what_is_enforced_comes_and_goes()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[4 << 20]] };
        var enforcer = Enforcer(kernel, time, [Pageout, Pageout with { Name = "seen", Mode = SchemeMode.Observe }]);
        enforcer.Start();
        Steps(enforcer, kernel, 10);
        enforcer.Step();

        enforcer.Schemes[1].TriedBytes.Should().Be(10 * (4 << 20));
        kernel.Context!.Schemes[0].Action.Should().Be(SchemeAction.Stat);
        kernel.Context.Schemes[1].Action.Should().Be(SchemeAction.Pageout);
    }

    [Fact]
    public void A_limit_by_time_that_cannot_be_measured_holds_the_scheme()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout with { Quota = new SchemeQuota { Time = TimeSpan.FromMilliseconds(10) } }], cpu: () => null);
        enforcer.Start();
        Steps(enforcer, kernel, 5);

        kernel.Applied.Should().BeEmpty();
        enforcer.Schemes[0].HeldBy.Should().StartWith("RailUnmeasurable");
    }

    [Fact]
    public void A_limit_by_time_follows_what_the_actions_cost_beyond_looking()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[1UL << 29]] };

        // Looking costs 20 ms a second, each MiB acted on 5 ms.
        var enforcer = Enforcer(
            kernel,
            time,
            [Pageout with { Quota = new SchemeQuota { Time = TimeSpan.FromMilliseconds(10) } }],
            cpu: () => (kernel.Now * 0.02) + (TimeSpan.FromMilliseconds(5) * (kernel.Applied.Sum(applied => (double)applied.Bytes) / (1 << 20))));
        enforcer.Start();
        Steps(enforcer, kernel, 10);

        enforcer.Schemes[0].GrantedBytes.Should().BeCloseTo(2 << 20, 64 << 10);
    }

    [Fact]
    public void A_goal_alone_is_bounded_by_the_most_of_a_grant()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[1UL << 34]] };
        var quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.UserInput, 100) { Current = 1 }], Tuner = QuotaTuner.Temporal };
        var enforcer = Enforcer(kernel, time, [Pageout with { Quota = quota }]);
        enforcer.Start();
        Steps(enforcer, kernel, 1);

        kernel.Applied.Sum(applied => (long)applied.Bytes).Should().Be((long)KernelLease.MostBytes);
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(100, "its goals are met")]
    public void A_scheme_whose_goals_are_met_gets_nothing_and_says_so(ulong current, string heldBy)
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.UserInput, 100) { Current = current }], Tuner = QuotaTuner.Temporal };
        var enforcer = Enforcer(kernel, time, [Pageout with { Quota = quota }]);
        enforcer.Start();
        Steps(enforcer, kernel, 3);

        enforcer.Schemes[0].HeldBy.Should().Be(heldBy);
        (kernel.Applied.Count == 0).Should().Be(heldBy.Length > 0);
    }

    [Fact]
    public void A_clean_stop_takes_the_grant_back_reads_it_and_turns_the_kdamond_off()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        enforcer.Step();
        kernel.Run(Second);
        kernel.Calls.Clear();

        enforcer.Stop().IsDone.Should().BeTrue();

        kernel.Calls.Should().Equal("commit", "read", "stop");
        kernel.Context!.Schemes.Should().Equal(KernelScheme.Inert);
        enforcer.Schemes[0].TriedBytes.Should().Be(2 << 20);
    }

    [Fact]
    public void Intervals_are_tuned_only_where_nothing_is_enforced()
    {
        var goal = new IntervalsGoal();
        foreach (var (allowed, tuned) in new[] { (true, false), (false, true) })
        {
            var time = new VirtualTime();
            var kernel = new ModelKernel(time, Newest);
            var plan = new KernelEnforcementPlan(KernelOperations.Paddr, Intervals, RegionLimits.Default, [Pageout]) { IntervalsGoal = goal, NodeTargetsAllowed = allowed };
            new KernelEnforcer(kernel, new FixedScope(() => Scope("/a")), plan, new FakeMeter(() => 0), new FakeClock(() => null), null, () => "", time).Start();
            (kernel.Context!.IntervalsGoal is not null).Should().Be(tuned);
        }
    }

    [Fact]
    public void What_the_kernel_refuses_is_told_and_tried_again()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        kernel.OnCall = call => call == "commit" ? new KernelOutcome(KernelOutcomeKind.Busy, "locked") : null;
        enforcer.Step().Should().Be(new KernelOutcome(KernelOutcomeKind.Busy, "locked"));
        kernel.OnCall = _ => null;
        Steps(enforcer, kernel, 2);

        kernel.Applied.Should().NotBeEmpty();
    }

    [Fact]
    public void Each_scheme_is_about_its_own_groups_and_one_that_is_given_none_is_about_nobodys()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var own = Scope() with { CgroupsByScheme = Own(("cold", [new("/a"), new("/b")]), ("low", [new("/c"), new("/d")])) };
        var enforcer = Enforcer(kernel, time, [Pageout, Pageout with { Name = "low", Action = SchemeAction.LruDeprio }, Pageout with { Name = "none" }], () => own);
        enforcer.Start();
        enforcer.Step();

        Groups(kernel).Should().BeEquivalentTo([["/a", "/b"], ["/c", "/d"], Array.Empty<string>()], options => options.WithStrictOrdering());
        enforcer.Schemes[2].Reason.Should().Be(KernelSchemeReason.NoEligibleCgroup);
    }

    /// <summary>A window's budget may all be taken from one group, so a group with a share of it takes part in that share of the windows.</summary>
    [Theory]
    [InlineData(1, 40)]
    [InlineData(0.5, 20)]
    [InlineData(0.25, 10)]
    [InlineData(0, 0)]
    public void A_group_with_a_share_of_the_budget_takes_part_in_that_share_of_the_windows(double share, int windows)
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var scope = Scope() with { Cgroups = [new EligibleCgroup("/a"), new EligibleCgroup("/b"), new EligibleCgroup("/limited", Share: share)] };
        var enforcer = Enforcer(kernel, time, [Pageout], () => scope);
        enforcer.Start();
        var (with, granted) = (0, 0);
        for (var i = 0; i < 40; i++)
        {
            enforcer.Step();
            granted += enforcer.IsGranted ? 1 : 0;
            with += Groups(kernel)[0].Contains("/limited") ? 1 : 0;
            kernel.Run(enforcer.Interval);
        }

        (granted, with).Should().Be((40, windows));
    }

    [Fact]
    public void A_group_with_a_share_comes_to_its_turn_also_where_there_is_no_other()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var scope = Scope() with { Cgroups = [new EligibleCgroup("/limited", Share: 0.5)] };
        var enforcer = Enforcer(kernel, time, [Pageout], () => scope);
        enforcer.Start();
        Steps(enforcer, kernel, 40);

        kernel.Applied.Sum(applied => (long)applied.Bytes).Should().Be(20 * (2 << 20));
    }

    [Fact]
    public void Within_one_window_a_group_is_in_all_grants_or_in_none()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[1 << 20]] };
        var scope = Scope() with { Cgroups = [new EligibleCgroup("/a"), new EligibleCgroup("/b"), new EligibleCgroup("/limited", Share: 0.5)] };
        var enforcer = Enforcer(kernel, time, [Pageout with { Quota = new SchemeQuota { SizeBytes = 64 << 20, Interval = TimeSpan.FromSeconds(10) } }], () => scope);
        enforcer.Start();
        var takesPart = new List<bool>();
        for (var i = 0; i < 60; i++)
        {
            enforcer.Step();
            takesPart.Add(Groups(kernel)[0].Contains("/limited"));
            kernel.Run(enforcer.Interval);
        }

        takesPart.Chunk(10).Should().OnlyContain(window => window.Distinct().Count() == 1);
        takesPart.Count(one => one).Should().Be(30);
    }

    [Fact]
    public void A_scheme_that_only_counts_counts_for_a_group_with_a_share_in_every_pass()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var scope = Scope() with { Cgroups = [new EligibleCgroup("/a"), new EligibleCgroup("/limited", Share: 0.5)] };
        var enforcer = Enforcer(kernel, time, [Pageout with { Mode = SchemeMode.Observe }], () => scope);
        enforcer.Start();
        for (var i = 0; i < 5; i++)
        {
            Steps(enforcer, kernel, 1);
            Groups(kernel)[0].Should().Equal("/a", "/limited");
        }
    }

    [Fact]
    public void What_all_schemes_may_take_together_is_shared_by_rank()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var scope = Scope("/a", "/b") with { MostLeavingBytes = 3 << 20 };
        var enforcer = Enforcer(kernel, time, [Pageout, Pageout with { Name = "second" }, Pageout with { Name = "third" }, Pageout with { Name = "sorts", Action = SchemeAction.LruDeprio }], () => scope);
        enforcer.Start();
        enforcer.Step();

        kernel.Context!.Schemes.Select(scheme => scheme.Quota?.SizeBytes ?? 0).Should().Equal(2 << 20, 1 << 20, 0, 2 << 20);
        enforcer.GrantedLeavingBytes.Should().Be(3 << 20);
        enforcer.Schemes[2].HeldBy.Should().Contain("together");
        enforcer.Rest();
        enforcer.GrantedLeavingBytes.Should().Be(0);
    }

    [Fact]
    public void What_was_measured_is_told_for_each_group_and_adds_up_to_what_the_kernel_admits()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var levels = new Dictionary<string, EffectLevel> { ["/a"] = new(0, 0), ["/b"] = new(0, 0), ["/c"] = new(0, 0) };
        var plan = new KernelEnforcementPlan(KernelOperations.Paddr, Intervals, RegionLimits.Default, [Pageout]) { NodeTargetsAllowed = true };
        var enforcer = new KernelEnforcer(kernel, new FixedScope(() => Scope("/a", "/b", "/c")), plan, new LevelMeter(levels), new FakeClock(() => TimeSpan.Zero), null, () => "", time);
        enforcer.Start();
        enforcer.Step();
        kernel.Run(Second);

        // 3 MiB in /a, of them 2 in swap; 3 MiB in /b, all of files; /c gained file pages. Of 6 measured the kernel admits the 2 of the grant.
        (levels["/a"], levels["/b"], levels["/c"]) = (new(2 << 20, 1 << 20), new(0, 3 << 20), new(0, -(5 << 20)));
        enforcer.Rest();
        var effects = new List<CgroupEffect>();
        enforcer.TakeEffects(effects);

        effects.Should().Equal(new CgroupEffect("cold", SchemeAction.Pageout, "/a", 1 << 20, 0), new CgroupEffect("cold", SchemeAction.Pageout, "/b", 0, 1 << 20));
        enforcer.Schemes[0].EffectBytes.Should().Be(2 << 20);
        effects.Clear();
        enforcer.TakeEffects(effects);
        effects.Should().BeEmpty();
    }

    [Fact]
    public void A_rail_that_trips_while_a_grant_is_prepared_keeps_it_from_being_given()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var asked = 0;
        var enforcer = Enforcer(kernel, time, [Pageout], hold: () => ++asked > 1 ? "Off" : "");
        enforcer.Start();
        enforcer.Step();
        kernel.Run(TimeSpan.FromSeconds(5));

        asked.Should().Be(2);
        enforcer.IsGranted.Should().BeFalse();
        enforcer.Schemes[0].HeldBy.Should().Be("Off");
        kernel.Applied.Should().BeEmpty();
    }

    [Fact]
    public void Another_plan_keeps_the_kdamond_and_what_is_known_of_the_schemes_that_stay()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest) { Regions = [[64 << 20]] };
        var hourly = Pageout with { Quota = new SchemeQuota { SizeBytes = 6 << 20, Interval = TimeSpan.FromHours(1) } };
        var plan = new KernelEnforcementPlan(KernelOperations.Paddr, Intervals, RegionLimits.Default, [hourly]) { NodeTargetsAllowed = true };
        var enforcer = Enforcer(kernel, time, [hourly]);
        enforcer.Start();
        Steps(enforcer, kernel, 3);
        kernel.Applied.Sum(applied => (long)applied.Bytes).Should().Be(6 << 20);
        var before = enforcer.Schemes[0];

        var seen = hourly with { Name = "seen", Mode = SchemeMode.Observe };
        enforcer.Replan(plan with { Schemes = [seen, hourly with { Pattern = new AccessPattern() }] }).IsDone.Should().BeTrue();
        Steps(enforcer, kernel, 3);

        kernel.Calls.Count(call => call == "start").Should().Be(1);
        enforcer.Schemes[1].Should().BeSameAs(before);
        enforcer.Schemes[1].Description.Pattern.Should().Be(new AccessPattern());
        kernel.Applied.Sum(applied => (long)applied.Bytes).Should().Be(6 << 20, "the hour's budget is used up");
        enforcer.Schemes[0].MatchedNowBytes.Should().Be(64 << 20, "its counts are its own and not those of the scheme whose place it has");
        enforcer.Schemes[0].TriedBytes.Should().Be(2 * (64 << 20));
    }

    [Fact]
    public void A_plan_in_which_nobody_acts_any_more_takes_the_grant_back_first()
    {
        var time = new VirtualTime();
        var kernel = new ModelKernel(time, Newest);
        var enforcer = Enforcer(kernel, time, [Pageout]);
        enforcer.Start();
        enforcer.Step();
        var plan = new KernelEnforcementPlan(KernelOperations.Paddr, Intervals, RegionLimits.Default, [Pageout with { Mode = SchemeMode.Observe }]) { NodeTargetsAllowed = true };

        enforcer.Replan(plan).IsDone.Should().BeTrue();
        kernel.Run(TimeSpan.FromMinutes(1));

        enforcer.IsGranted.Should().BeFalse();
        kernel.Applied.Should().BeEmpty();
    }

    /// <summary>The dead-man law holds while plans change, too.</summary>
    [Fact]
    public void After_a_death_amid_changing_plans_the_kernel_applies_one_budget_at_the_most_and_nothing_after_the_term()
    {
        var outlived = 0;
        Gen.Select(Gen.Int[1, 60], Gen.Bool, Gen.ULong[4096, 8 << 20], Gen.Int[0, 2].Array[6]).Sample(
            (deathAt, takesEffect, budget, changes) =>
            {
                var time = new VirtualTime();
                var kernel = new ModelKernel(time, Newest);
                SchemeDescription Enforced(string name) => Pageout with { Name = name, Quota = new SchemeQuota { SizeBytes = budget }, Pattern = new AccessPattern() };
                var enforcer = Enforcer(kernel, time, [Enforced("a")]);
                var calls = 0;
                kernel.OnCall = _ => ++calls == deathAt && !takesEffect ? throw new InvalidOperationException("dead") : null;
                kernel.AfterCall = _ =>
                {
                    if (calls == deathAt && takesEffect)
                        throw new InvalidOperationException("dead");
                };
                try
                {
                    enforcer.Start();
                    foreach (var change in changes)
                    {
                        Steps(enforcer, kernel, 2);
                        SchemeDescription[] schemes = change switch { 0 => [Enforced("a")], 1 => [Enforced("b") with { Mode = SchemeMode.Observe }, Enforced("a")], _ => [Enforced("a") with { Mode = SchemeMode.Observe }] };
                        enforcer.Replan(new KernelEnforcementPlan(KernelOperations.Paddr, Intervals, RegionLimits.Default, schemes) { NodeTargetsAllowed = true });
                    }

                    Steps(enforcer, kernel, 2);
                }
                catch (InvalidOperationException)
                {
                    // Dead.
                }

                if (AssertEnds(kernel, budget))
                    Interlocked.Increment(ref outlived);
            },
            iter: 500);
        outlived.Should().BeGreaterThan(10, "the agent must often die with a grant out");
    }

    private static KernelEnforcer Enforcer(
        ModelKernel kernel,
        VirtualTime time,
        IReadOnlyList<SchemeDescription> schemes,
        Func<KernelScope>? scope = null,
        MonitoringIntervals? intervals = null,
        KernelOperations operations = KernelOperations.Paddr,
        bool allowed = true,
        ISystemMemory? machine = null,
        Func<string>? hold = null,
        Func<long>? level = null,
        Func<TimeSpan?>? cpu = null) => new(
            kernel,
            new FixedScope(scope ?? (() => Scope("/a", "/b"))),
            new KernelEnforcementPlan(operations, intervals ?? Intervals, RegionLimits.Default, schemes) { NodeTargetsAllowed = allowed },
            new FakeMeter(level ?? (() => 0)),
            new FakeClock(cpu ?? (() => TimeSpan.Zero)),
            machine,
            hold ?? (() => ""),
            time);

    private static void Steps(KernelEnforcer enforcer, ModelKernel kernel, int count)
    {
        for (var i = 0; i < count; i++)
        {
            enforcer.Step();
            kernel.Run(enforcer.Interval);
        }
    }

    /// <summary>Of each scheme in force, the groups that are let through.</summary>
    private static List<string[]> Groups(ModelKernel kernel) =>
        [.. kernel.Context!.Schemes.Select(scheme => scheme.Filters.Where(filter => filter.Type == SchemeFilterType.Cgroup).Select(filter => filter.CgroupPath!).ToArray())];

    private static Dictionary<string, IReadOnlyList<EligibleCgroup>> Own(params (string Scheme, EligibleCgroup[] Cgroups)[] schemes) =>
        schemes.ToDictionary(scheme => scheme.Scheme, IReadOnlyList<EligibleCgroup> (scheme) => scheme.Cgroups);

    /// <summary>Runs until the death that the kernel's hooks have in store, or for a while.</summary>
    private static void Live(KernelEnforcer enforcer, ModelKernel kernel)
    {
        try
        {
            enforcer.Start();
            Steps(enforcer, kernel, 12);
        }
        catch (InvalidOperationException)
        {
            // Dead.
        }
    }

    /// <returns>Whether anything was applied after the death at all: a law about nothing would hold, too.</returns>
    private static bool AssertEnds(ModelKernel kernel, ulong budget)
    {
        kernel.OnCall = _ => null;
        kernel.AfterCall = _ => { };
        var diedAt = kernel.Now;
        var before = kernel.Applied.Count;
        kernel.Run(TimeSpan.FromMinutes(2));

        // Windows of DAMON are wall time: neither days nor months later may one begin.
        foreach (var days in new[] { 1, 25, 50, 400 })
        {
            kernel.Skip(TimeSpan.FromDays(days));
            kernel.Run(TimeSpan.FromMinutes(1));
        }

        var after = kernel.Applied.Skip(before).ToList();
        after.Where(applied => applied.At > diedAt + KernelLease.Term).Should().BeEmpty();
        after.Sum(applied => (double)applied.Bytes).Should().BeLessThanOrEqualTo(budget);
        return after.Count > 0;
    }

    private sealed class LevelMeter(IReadOnlyDictionary<string, EffectLevel> levels) : IEffectMeter
    {
        public bool CanMeasure(SchemeAction action) => true;

        public IReadOnlyDictionary<string, EffectLevel> ReadLevels(SchemeAction action, int? node, IReadOnlyList<EligibleCgroup> cgroups) =>
            cgroups.ToDictionary(cgroup => cgroup.Path, cgroup => levels[cgroup.Path]);
    }

    private sealed class Machine : ISystemMemory
    {
        public ulong AvailableBytes { get; set; }

        public string LastError => "";

        public bool TryReadMachine(out MemoryTotals totals)
        {
            totals = new MemoryTotals(1000, 0, AvailableBytes, 0, 0);
            return true;
        }

        public bool TryReadNode(int node, out MemoryTotals totals)
        {
            totals = default;
            return false;
        }

        public bool TryReadCgroup(string cgroup, int node, out ulong usedBytes)
        {
            usedBytes = 0;
            return false;
        }

        public bool TryReadPressure(out TimeSpan someStalled)
        {
            someStalled = default;
            return false;
        }
    }
}

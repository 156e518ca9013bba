using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

public class SysfsKdamondTests
{
    private const string State = "kdamonds/0/state";

    public static TheoryData<string> Both { get; } = ["6.12", "7.3"];

    [Theory, MemberData(nameof(Both))]
    public void What_is_asked_for_is_in_force(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();

        setup.InKernel.IsRunning.Should().BeTrue();
        setup.InKernel.Context!.Targets.Select(target => target.Pid).Should().Equal(setup.A, setup.B);
        setup.InKernel.Context.Schemes.Should().HaveCount(2);
        setup.Kdamond.Context.Should().BeSameAs(setup.Wanted);
        setup.Kdamond.ReadState().Value.Should().Be(new KdamondState(IsOn: true, 4000));
    }

    [Theory, MemberData(nameof(Both))]
    public void A_commit_writes_what_differs(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        var older = setup.Wanted with { Schemes = [setup.Wanted.Schemes[0], setup.Wanted.Schemes[1] with { Pattern = KernelPattern.Everything with { MinAge = 7 } }] };

        setup.WritesOf(() => setup.Kdamond.Commit(older).Should().Be(KernelOutcome.Done)).Should().Equal("schemes/1/access_pattern/age/min=7", State + "=commit");
        setup.WritesOf(() => setup.Kdamond.Commit(older).Should().Be(KernelOutcome.Done)).Should().Equal(State + "=commit");
        setup.Kdamond.Context.Should().BeSameAs(older);
    }

    [Theory, MemberData(nameof(Both))]
    public void Another_count_makes_everything_below_it_anew_and_nothing_else(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        var more = setup.Wanted with { Schemes = [.. setup.Wanted.Schemes, KernelScheme.Inert] };

        var writes = setup.WritesOf(() => setup.Kdamond.Commit(more).Should().Be(KernelOutcome.Done));

        writes[0].Should().Be("schemes/nr_schemes=3");
        writes.Should().Contain("schemes/0/access_pattern/sz/max=18446744073709551615").And.NotContain(line => line.StartsWith("targets/", StringComparison.Ordinal));
        setup.InKernel.Context!.Schemes.Should().HaveCount(3);
    }

    [Theory, MemberData(nameof(Both))]
    public void A_file_that_somebody_else_changed_is_found_before_a_commit_and_written_again_by_the_next(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Fake.WriteBehind(KdamondSetup.Context + "schemes/1/action", "pageout");

        KernelOutcome outcome = default;
        setup.WritesOf(() => outcome = setup.Kdamond.Commit(setup.Wanted)).Should().BeEmpty();
        outcome.Kind.Should().Be(KernelOutcomeKind.Overwritten);
        outcome.Message.Should().Contain("schemes/1/action").And.Contain("'pageout'");

        setup.WritesOf(() => setup.Kdamond.Commit(setup.Wanted).Should().Be(KernelOutcome.Done)).Should().Equal("schemes/1/action=stat", State + "=commit");
    }

    [Theory, MemberData(nameof(Both))]
    public void A_look_finds_what_somebody_else_changed_and_writes_nothing(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.WritesOf(() => setup.Kdamond.Check().Should().Be(KernelOutcome.Done)).Should().BeEmpty();
        setup.Fake.WriteBehind(KdamondSetup.Context + "schemes/1/action", "pageout");

        KernelOutcome outcome = default;
        setup.WritesOf(() => outcome = setup.Kdamond.Check()).Should().BeEmpty();

        outcome.Kind.Should().Be(KernelOutcomeKind.Overwritten);
        outcome.Message.Should().Contain("schemes/1/action");
    }

    [Theory, MemberData(nameof(Both))]
    public void A_look_finds_a_kdamond_that_was_turned_off(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Fake.Write(State, "off");

        setup.Kdamond.Check().Kind.Should().Be(KernelOutcomeKind.NotRunning);
    }

    [Theory, MemberData(nameof(Both))]
    public void Nothing_is_turned_on_that_is_not_as_written(string kernel)
    {
        var setup = new KdamondSetup(kernel);
        setup.Fake.OnWritten = (path, _) =>
        {
            if (path.EndsWith("schemes/0/action", StringComparison.Ordinal))
            {
                setup.Fake.WriteBehind(path, "pageout");
            }
        };

        setup.Kdamond.Start(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Overwritten);

        setup.InKernel.IsRunning.Should().BeFalse();
        setup.Fake.Writes.Should().NotContain(write => write.Path == State);
    }

    [Theory, MemberData(nameof(Both))]
    public void A_lock_that_somebody_holds_for_a_while_is_waited_for(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Fake.HoldLock(8);

        setup.Kdamond.Commit(setup.Wanted).Should().Be(KernelOutcome.Done);

        setup.Time.GetElapsedTime(0).Should().BeGreaterThan(TimeSpan.Zero);
    }

    [Theory, MemberData(nameof(Both))]
    public void A_lock_that_is_never_let_go_ends_every_call_at_its_deadline(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        (string Name, Func<bool> IsBusy)[] calls =
        [
            ("start", () => setup.Kdamond.Start(setup.Wanted).Kind == KernelOutcomeKind.Busy),
            ("commit", () => setup.Kdamond.Commit(setup.Wanted).Kind == KernelOutcomeKind.Busy),
            ("goals", () => setup.Kdamond.CommitGoals(setup.Wanted).Kind == KernelOutcomeKind.Busy),
            ("stop", () => setup.Kdamond.Stop().Kind == KernelOutcomeKind.Busy),
            ("state", () => setup.Kdamond.ReadState().Error.Kind == HostErrorKind.Busy),
            ("regions", () => setup.Kdamond.ReadTriedRegions().Error.Kind == HostErrorKind.Busy),
            ("bytes", () => setup.Kdamond.ReadTriedBytes().Error.Kind == HostErrorKind.Busy),
            ("statistics", () => setup.Kdamond.ReadStatistics().Error.Kind == HostErrorKind.Busy),
            ("quotas", () => setup.Kdamond.ReadEffectiveQuotas().Error.Kind == HostErrorKind.Busy),
            ("close", () => setup.Pool.Close().Kind == KernelOutcomeKind.Busy),
        ];
        setup.Fake.HoldLock(int.MaxValue);
        foreach (var (name, isBusy) in calls)
        {
            var began = setup.Time.GetTimestamp();
            isBusy().Should().BeTrue(name);
            setup.Time.GetElapsedTime(began).Should().BeCloseTo(KdamondSetup.Patience, TimeSpan.FromMilliseconds(1), name);
        }

        setup.Fake.HoldLock(0);
        setup.InKernel.IsRunning.Should().BeTrue("nothing was done to it");
        setup.Pool.Close().Should().Be(KernelOutcome.Done);
    }

    [Theory]
    [InlineData("6.12", KernelOutcomeKind.Busy)]
    [InlineData("7.3", KernelOutcomeKind.Done)]
    public void A_commit_that_the_kernel_has_answered_is_in_force_even_if_nobody_can_look(string kernel, KernelOutcomeKind kind)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Fake.OnCommand = _ => setup.Fake.HoldLock(int.MaxValue);
        setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(kind);
    }

    [Theory, MemberData(nameof(Both))]
    public void A_process_that_is_gone_is_named_before_anything_is_written(string kernel)
    {
        var setup = new KdamondSetup(kernel);
        setup.Fake.Processes.End(setup.B);

        setup.WritesOf(() => setup.Kdamond.Start(setup.Wanted).Should().Be(new KernelOutcome(KernelOutcomeKind.TargetVanished, $"process {setup.B} is gone"))).Should().BeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public void A_process_that_goes_while_files_are_written_is_named_too(string kernel)
    {
        var setup = new KdamondSetup(kernel);
        setup.Fake.OnWritten = (path, _) => End(setup, path);

        setup.Kdamond.Start(setup.Wanted).Should().Be(new KernelOutcome(KernelOutcomeKind.TargetVanished, $"process {setup.B} is gone"));
        setup.InKernel.IsRunning.Should().BeFalse();

        static void End(KdamondSetup setup, string path)
        {
            if (path.EndsWith("nr_schemes", StringComparison.Ordinal))
            {
                setup.Fake.Processes.End(setup.B);
            }
        }
    }

    [Theory]
    [InlineData("6.12", false, "the control group /pods/a is gone; the kdamond has ended over it")]
    [InlineData("7.3", true, "the control group /pods/a is gone")]
    public void A_control_group_that_goes_before_a_commit_is_named_and_what_ran_goes_on_where_the_kernel_lets_it(string kernel, bool goesOn, string message)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Fake.MemoryCgroups.Add("/pods/a");
        setup.Fake.OnWritten = (path, _) =>
        {
            if (path.EndsWith("memcg_path", StringComparison.Ordinal))
            {
                setup.Fake.MemoryCgroups.Remove("/pods/a");
            }
        };
        var wanted = setup.Wanted with { Schemes = [setup.Wanted.Schemes[0] with { Filters = [new SchemeFilter(SchemeFilterType.Cgroup, Matching: false, Allow: false) { CgroupPath = "pods/a" }] }, setup.Wanted.Schemes[1]] };

        setup.Kdamond.Commit(wanted).Should().Be(new KernelOutcome(KernelOutcomeKind.TargetVanished, message));

        setup.InKernel.IsRunning.Should().Be(goesOn);
        setup.Kdamond.Context.Should().BeSameAs(setup.Wanted);
        setup.Fake.OnWritten = null;
        (goesOn ? setup.Kdamond.Commit(setup.Wanted) : setup.Kdamond.Start(setup.Wanted)).Should().Be(KernelOutcome.Done);
    }

    [Fact]
    public void A_refused_commit_stops_a_kdamond_whose_kernel_may_have_taken_half_of_it()
    {
        // As kernels between 6.12 and 6.15: they answer, and they do not try on a copy first.
        var setup = new KdamondSetup("6.12").Started();
        setup.Tree.OnWrite = (path, text) => text == "commit" ? new HostError(HostErrorKind.Unsupported, path, "", 22) : null;

        var outcome = setup.Kdamond.Commit(setup.Wanted);

        outcome.Kind.Should().Be(KernelOutcomeKind.Refused);
        outcome.Message.Should().Contain("EINVAL").And.Contain("stopped");
        setup.InKernel.IsRunning.Should().BeFalse();
    }

    [Theory, MemberData(nameof(Both))]
    public void A_kdamond_that_somebody_turned_off_is_not_running(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.InKernel.End();

        setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.NotRunning);
        setup.Kdamond.CommitGoals(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.NotRunning);
        setup.Kdamond.ReadTriedRegions().Error.Kind.Should().Be(HostErrorKind.Vanished);
        setup.Kdamond.ReadStatistics().Error.Kind.Should().Be(HostErrorKind.Vanished);
        setup.Kdamond.Stop().Should().Be(KernelOutcome.Done);
        setup.Started();
    }

    [Theory, MemberData(nameof(Both))]
    public void A_kdamond_that_ends_during_a_command_gives_an_error_and_not_an_empty_answer(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Fake.OnCommand = _ => setup.InKernel.End();

        setup.Kdamond.ReadTriedRegions().Error.Kind.Should().Be(HostErrorKind.Vanished);
    }

    [Theory, MemberData(nameof(Both))]
    public void Kdamonds_that_somebody_made_anew_are_not_taken_for_ours(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.InKernel.End();
        setup.Fake.WriteBehind("kdamonds/nr_kdamonds", "1");

        setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Overwritten);
        setup.Kdamond.ReadTriedRegions().Error.Kind.Should().Be(HostErrorKind.Failed);
    }

    [Theory, MemberData(nameof(Both))]
    public void A_folder_that_is_gone_was_taken_by_somebody_or_with_the_whole_interface(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.InKernel.End();
        setup.Fake.WriteBehind("kdamonds/nr_kdamonds", "0");
        setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Overwritten);
        setup.Kdamond.Stop().Should().Be(KernelOutcome.Done, "it runs no more");

        setup.Tree.IsGone = true;
        setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Vanished);
        setup.Kdamond.Start(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Vanished);
    }

    [Theory, MemberData(nameof(Both))]
    public void Files_that_vanish_half_way_end_a_commit(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Tree.OnRead = path => path.EndsWith("schemes/1/action", StringComparison.Ordinal) ? InterposedDamonTree.Gone(path) : null;

        setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Overwritten);

        setup.Tree.OnRead = _ => null;
        setup.Kdamond.Commit(setup.Wanted).Should().Be(KernelOutcome.Done, "everything is written again");
    }

    [Theory, MemberData(nameof(Both))]
    public void Somebody_elses_kdamond_in_our_place_is_left_alone(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Tree.OnRead = path => path == "kdamonds/0/pid" ? (HostResult<string>?)(HostResult<string>)"777" : null;

        setup.WritesOf(() =>
        {
            setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Overwritten);
            setup.Kdamond.ReadTriedRegions().Error.Kind.Should().Be(HostErrorKind.Failed);
            setup.Kdamond.Start(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Busy);
            setup.Kdamond.Stop().Kind.Should().Be(KernelOutcomeKind.Overwritten);
            setup.Pool.Close().Kind.Should().Be(KernelOutcomeKind.Overwritten);
        }).Should().BeEmpty();
        setup.InKernel.IsRunning.Should().BeTrue();
    }

    [Theory, MemberData(nameof(Both))]
    public void Stopping_is_done_where_it_ends_by_itself_in_that_moment(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();
        setup.Fake.OnCommand = _ => setup.InKernel.End();

        setup.Kdamond.Stop().Should().Be(KernelOutcome.Done);
        setup.Kdamond.Stop().Should().Be(KernelOutcome.Done);
    }

    [Fact]
    public void A_right_that_is_missing_is_said()
    {
        var setup = new KdamondSetup("7.3");
        setup.Tree.OnWrite = (path, _) => new HostError(HostErrorKind.Denied, path, "", 13);
        setup.Kdamond.Start(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Denied);
    }

    [Fact]
    public void A_module_that_holds_DAMON_for_itself_makes_it_busy()
    {
        var setup = new KdamondSetup("7.3");
        setup.Fake.ExclusiveModule = "damon_stat";
        setup.Kdamond.Start(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.Busy);
    }

    [Theory, MemberData(nameof(Both))]
    public void Each_query_answers_with_the_regions_of_its_target_by_address(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();

        var regions = setup.Kdamond.ReadTriedRegions();

        regions.IsOk.Should().BeTrue(regions.Error.ToString());
        regions.Value.Should().HaveCount(2);
        regions.Value[0].Should().Equal(new KernelRegion(0x1000_0000, 0x1400_0000, 20, 3, 0), new KernelRegion(0x1400_0000, 0x2000_0000, 0, 40, 0));
        regions.Value[1].Should().Equal(new KernelRegion(0x7000_0000, 0x7100_0000, 5, 1, 0));
        setup.Kdamond.ReadTriedBytes().Value.Should().Equal(0x1000_0000, 0x100_0000);
        setup.Fake.List(KdamondSetup.Context + "schemes/0/tried_regions").Value.Should().Equal(["total_bytes"], "what was read is cleared");
    }

    [Theory, MemberData(nameof(Both))]
    public void Thousands_of_regions_come_in_the_order_of_the_walk(string kernel)
    {
        var setup = new KdamondSetup(kernel);
        setup.Fake.Processes.Set(setup.A, [.. Enumerable.Range(0, 5000).Select(i => new FakeRegion((ulong)i << 16, ((ulong)i + 1) << 16, (uint)i % 20, (uint)i))]);
        setup.Started();

        var regions = setup.Kdamond.ReadTriedRegions().Value;

        regions[0].Select(region => region.Age).Should().Equal(Enumerable.Range(0, 5000).Select(i => (uint)i));
        regions[1].Should().ContainSingle();
    }

    [Theory]
    [InlineData("tried_regions/0/start", "")]
    [InlineData("tried_regions/0/start", "12abc")]
    [InlineData("tried_regions/0/end", "-1")]
    [InlineData("tried_regions/0/end", "0")]
    [InlineData("tried_regions/0/end", "99999999999999999999999")]
    [InlineData("tried_regions/0/nr_accesses", "4294967296")]
    [InlineData("tried_regions/0/age", "0x10")]
    [InlineData("tried_regions/total_bytes", "1")]
    [InlineData("tried_regions/total_bytes", "\0\0")]
    public void Garbage_is_an_error_and_never_a_snapshot(string file, string text)
    {
        var setup = new KdamondSetup("7.3").Started();
        setup.Tree.OnRead = path => path.EndsWith("schemes/0/" + file, StringComparison.Ordinal) ? (HostResult<string>?)(HostResult<string>)text : null;
        setup.Kdamond.ReadTriedRegions().Error.Kind.Should().Be(HostErrorKind.Malformed);
    }

    [Fact]
    public void Regions_that_are_cleared_while_they_are_read_are_asked_for_again()
    {
        var setup = new KdamondSetup("7.3").Started();
        setup.Tree.OnRead = path => path.EndsWith("tried_regions/1/end", StringComparison.Ordinal) ? InterposedDamonTree.Gone(path) : null;
        setup.Kdamond.ReadTriedRegions().Error.Kind.Should().Be(HostErrorKind.TryAgain);
    }

    [Fact]
    public void A_kdamond_that_rests_has_no_regions_to_tell_for_now()
    {
        var setup = new KdamondSetup("7.3");
        setup.Started(setup.Wanted with { IsPaused = true });
        setup.Kdamond.ReadTriedRegions().Error.Kind.Should().Be(HostErrorKind.TryAgain);
    }

    [Theory, MemberData(nameof(Both))]
    public void What_was_counted_and_what_may_be_spent_is_told(string kernel)
    {
        var setup = new KdamondSetup(kernel);
        setup.Started(setup.Wanted with { Schemes = [setup.Wanted.Schemes[0] with { Quota = new SchemeQuota { SizeBytes = 1 << 30 } }, setup.Wanted.Schemes[1]] });
        setup.Fake.Pass(TimeSpan.FromMilliseconds(250));

        var statistics = setup.Kdamond.ReadStatistics().Value;

        statistics[0].TriedBytes.Should().Be(2 * 0x1000_0000, "there were two aggregations");
        statistics[1].TriedRegions.Should().Be(2);
        setup.Kdamond.ReadEffectiveQuotas().Value.Should().Equal(1 << 30, 0);
    }

    [Fact]
    public void Intervals_that_the_kernel_tuned_become_the_base_only_where_they_are_asked_for()
    {
        var setup = new KdamondSetup("7.3");
        var wanted = setup.Wanted with { IntervalsGoal = new IntervalsGoal() };
        setup.Started(wanted);
        setup.InKernel.Tune(40_000, 800_000);

        var tuned = setup.Kdamond.ReadIntervals().Value;

        tuned.Should().Be(new MonitoringIntervals(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(60)));
        setup.WritesOf(() => setup.Kdamond.Commit(wanted).Should().Be(KernelOutcome.Done)).Should().Equal(
            "monitoring_attrs/intervals/sample_us=5000", "monitoring_attrs/intervals/aggr_us=100000", State + "=commit");
        setup.Kdamond.Commit(wanted with { Intervals = tuned }).Should().Be(KernelOutcome.Done);
        setup.InKernel.Context!.SampleMicroseconds.Should().Be(40_000);
    }

    [Theory, MemberData(nameof(Both))]
    public void Goals_are_fed_without_touching_anything_else(string kernel)
    {
        var setup = new KdamondSetup(kernel);
        KernelContext With(ulong current) => setup.Wanted with
        {
            Schemes = [setup.Wanted.Schemes[0] with { Quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.UserInput, 10) { Current = current }] } }, setup.Wanted.Schemes[1]],
        };
        setup.Started(With(1));

        setup.WritesOf(() => setup.Kdamond.CommitGoals(With(5)).Should().Be(KernelOutcome.Done)).Should().Equal(
            "schemes/0/quotas/goals/0/current_value=5", State + "=commit_schemes_quota_goals");
        setup.Kdamond.Invoking(kdamond => kdamond.CommitGoals(setup.Wanted)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Physical_memory_is_told_in_bytes_whatever_the_unit()
    {
        var setup = new KdamondSetup("7.3");
        setup.Fake.PhysicalMemory = [new FakeRegion(0x100, 0x300, 2, 9)];
        var wanted = setup.Wanted with
        {
            Operations = KernelOperations.Paddr,
            AddressUnitBytes = 4096,
            Targets = [new KernelTarget(0) { Ranges = [new AddressRange(0x10_0000, 0x30_0000)] }],
            Schemes = [new KernelScheme(SchemeAction.Stat, KernelPattern.Everything)],
        };
        setup.Started(wanted);

        var regions = setup.Kdamond.ReadTriedRegions();

        regions.IsOk.Should().BeTrue(regions.Error.ToString());
        regions.Value[0].Should().Equal(new KernelRegion(0x10_0000, 0x30_0000, 2, 9, 0));
        setup.Kdamond.Stop();
        setup.Kdamond.Start(wanted with { Targets = [new KernelTarget(0)] }).Kind.Should().Be(KernelOutcomeKind.Refused, "nothing would be looked at");
    }

    [Fact]
    public void What_the_kernel_cannot_is_said_before_anything_is_written()
    {
        var setup = new KdamondSetup("6.12");
        setup.WritesOf(() => setup.Kdamond.Start(setup.Wanted with { IsPaused = true }).Kind.Should().Be(KernelOutcomeKind.Unsupported)).Should().BeEmpty();
        setup.Kdamond.Commit(setup.Wanted).Kind.Should().Be(KernelOutcomeKind.NotRunning, "it was never started");
        setup.Kdamond.ReadIntervals().IsOk.Should().BeFalse();
    }
}

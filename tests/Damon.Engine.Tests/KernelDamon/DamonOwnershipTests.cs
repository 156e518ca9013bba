using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

public class DamonOwnershipTests
{
    private const string Number = "kdamonds/nr_kdamonds";

    [Fact]
    public void What_is_nobodys_is_taken_and_the_record_is_there_before_the_kdamonds_are()
    {
        using var bench = new OwnershipBench();
        OwnerRecord? before = null;
        bench.Tree.Before = call => before ??= call == $"write {Number}" ? Parse(bench) : null;
        using var agent = bench.Agent();

        agent.Take(2).Should().Be(KernelOutcome.Done);

        before!.Kdamonds.Should().Equal(OwnedKdamond.Unknown, OwnedKdamond.Unknown);
        (before.BootId, before.Pid, before.StartTicks).Should().Be(("boot-1", 500, 500UL));
        bench.Tree.Writes.Should().Equal($"{Number}=2");
        Parse(bench)!.Kdamonds.Should().OnlyContain(kdamond => kdamond.HasFolder && !kdamond.HasThread);
        agent.Check().Should().Be(OwnershipCheck.Held);
    }

    [Fact]
    public void Giving_back_leaves_the_machine_as_it_was_found()
    {
        using var bench = new OwnershipBench();
        using var agent = bench.RunningAgent(2);

        agent.Release().Should().Be(KernelOutcome.Done);

        (bench.Tree.Count, bench.Record, agent.IsHeld).Should().Be((0, null, false));
        bench.Tree.Writes.TakeLast(3).Should().Equal("kdamonds/0/state=off", "kdamonds/1/state=off", $"{Number}=0");
        agent.Check().Loss.Should().Be(DamonLoss.NotHeld);
        agent.Take(1).Should().Be(KernelOutcome.Done);
    }

    [Fact]
    public void What_a_crashed_predecessor_left_is_put_back_by_who_takes_nothing()
    {
        using var bench = new OwnershipBench();
        bench.Module(DamonModule.Stat, "Y");
        bench.Crash(bench.RunningAgent(2, DamonModule.Stat));
        (bench.Tree.Count, bench.Module(DamonModule.Stat)).Should().Be((2, "N"));
        bench.Tree.Writes.Clear();
        using var after = bench.Agent();

        after.CleanUp().Should().Be(KernelOutcome.Done);

        bench.Tree.Writes.Should().Equal("kdamonds/0/state=off", "kdamonds/1/state=off", $"{Number}=0");
        (bench.Module(DamonModule.Stat), bench.Record, after.IsHeld).Should().Be(("Y", null, false));
        bench.Tree.Writes.Clear();
        after.CleanUp().Should().Be(KernelOutcome.Done);
        bench.Tree.Writes.Should().BeEmpty();
        after.Take(1).Message.Should().Contain("in use by the kernel's own damon_stat");
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("another's kdamond")]
    [InlineData("a running agent's")]
    [InlineData("a kdamond that is not in the record")]
    [InlineData("an earlier boot's record")]
    public void Who_cleans_up_leaves_alone_what_is_not_a_dead_agent_s(string what)
    {
        using var bench = new OwnershipBench();
        DamonOwnership? other = null;
        var expected = KernelOutcomeKind.Done;
        switch (what)
        {
            case "another's kdamond":
                bench.Tree.Recreate(1, configured: true);
                break;
            case "a running agent's":
                other = bench.RunningAgent(1);
                bench.Become(600);
                break;
            case "a kdamond that is not in the record":
                bench.Crash(bench.RunningAgent(1));
                bench.Tree.Recreate(1, configured: true);
                expected = KernelOutcomeKind.Busy;
                break;
            case "an earlier boot's record":
                bench.Crash(bench.RunningAgent(1));
                bench.Reboot();
                break;
        }

        var (record, touched) = (bench.Record, bench.HasTouchedFiles);
        bench.Tree.Writes.Clear();
        using var after = bench.Agent();

        after.CleanUp().Kind.Should().Be(expected);

        bench.Tree.Writes.Should().BeEmpty();
        (bench.Record, bench.HasTouchedFiles).Should().Be((record, touched));
        other?.Dispose();
    }

    [Fact]
    public void Who_is_killed_while_cleaning_up_leaves_the_rest_to_the_next_one()
    {
        for (var calls = 0; ; calls++)
        {
            using var bench = new OwnershipBench();
            bench.Module(DamonModule.Stat, "Y");
            bench.Crash(bench.RunningAgent(2, DamonModule.Stat));
            var left = calls;
            bench.Tree.Before = _ => left = left-- > 0 ? left : throw new InvalidOperationException("killed");
            var isKilled = false;
            var dying = bench.Agent();
            try
            {
                dying.CleanUp();
            }
            catch (InvalidOperationException)
            {
                isKilled = true;
            }

            bench.Tree.Before = null;
            dying.Dispose();
            using var after = bench.Agent();
            after.CleanUp().Should().Be(KernelOutcome.Done);
            (bench.Tree.Count, bench.Module(DamonModule.Stat), bench.Record).Should().Be((0, "Y", null));
            if (!isKilled)
            {
                calls.Should().BeGreaterThan(5);
                return;
            }
        }
    }

    [Theory]
    [InlineData("given back")]
    [InlineData("left by a crash")]
    public void Folders_are_removed_only_after_a_time_in_which_whoever_waits_for_an_answer_can_leave(string how)
    {
        using var bench = new OwnershipBench();
        var agent = bench.RunningAgent(1);
        if (how == "left by a crash")
        {
            bench.Crash(agent);
        }

        var last = bench.Time.GetTimestamp();
        var longest = TimeSpan.Zero;
        TimeSpan? quiet = null;
        bench.Tree.Before = call =>
        {
            var since = bench.Time.GetElapsedTime(last);
            longest = since > longest ? since : longest;
            quiet ??= call == $"write {Number}" && bench.Tree.Count > 0 ? longest : null;
            last = bench.Time.GetTimestamp();
        };
        using var after = how == "given back" ? agent : bench.Agent();
        (how == "given back" ? after.Release() : after.Take(1)).Should().Be(KernelOutcome.Done);

        quiet.Should().Be(StateWriters.QuietTime);
    }

    [Theory]
    [InlineData("on", "kdamond 0 runs (thread 9000)")]
    [InlineData("configured", "kdamond 0 is configured and off")]
    [InlineData("empty", "kdamond 0 is there, off and empty")]
    [InlineData("locked", "cannot be read")]
    public void What_is_somebody_elses_is_named_and_nothing_is_written(string state, string words)
    {
        using var bench = new OwnershipBench();
        bench.Tree.Recreate(1, configured: state != "empty");
        if (state == "on")
        {
            bench.Tree.TurnOn(0);
        }

        bench.Tree.BusyCalls = state == "locked" ? -1 : 0;
        using var agent = bench.Agent();

        var outcome = agent.Take(1);

        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
        outcome.Message.Should().Contain(words).And.EndWith("Nothing was written.");
        (bench.Tree.Writes.Count, bench.HasTouchedFiles, agent.IsHeld).Should().Be((0, false, false));
    }

    [Fact]
    public void A_lock_that_passes_is_waited_out()
    {
        using var bench = new OwnershipBench();
        bench.Tree.BusyCalls = 20;
        using var agent = bench.Agent();
        agent.Take(1).Should().Be(KernelOutcome.Done);
        bench.Tree.BusyCalls = 20;
        agent.Check().Should().Be(OwnershipCheck.Held);
        bench.Time.GetElapsedTime(0).Should().BePositive().And.BeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void While_another_agent_of_ours_runs_its_process_is_named_and_nothing_is_written()
    {
        using var bench = new OwnershipBench();
        using var first = bench.RunningAgent(1);
        var writes = bench.Tree.Writes.Count;
        var record = bench.Record;
        bench.Become(600);
        using var second = bench.Agent();

        var outcome = second.Take(1);

        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
        outcome.Message.Should().Contain("process 500");
        (bench.Tree.Writes.Count, bench.Record).Should().Be((writes, record));
        first.Check().Should().Be(OwnershipCheck.Held);
    }

    [Fact]
    public void Of_two_that_find_it_free_at_the_same_moment_one_gets_it()
    {
        using var bench = new OwnershipBench();
        using var first = bench.Agent();
        using var second = bench.Agent();
        KernelOutcome? other = null;
        bench.Tree.Before = call =>
        {
            if (call == $"write {Number}" && other is null)
            {
                bench.Become(600);
                other = second.Take(1);
            }
        };

        first.Take(1).Should().Be(KernelOutcome.Done);

        other!.Value.Kind.Should().Be(KernelOutcomeKind.Busy);
        second.IsHeld.Should().BeFalse();
        bench.Tree.Writes.Should().Equal($"{Number}=1");
    }

    [Fact]
    public void What_a_crashed_predecessor_left_is_turned_off_and_made_anew()
    {
        using var bench = new OwnershipBench();
        bench.Crash(bench.RunningAgent(2));
        bench.Tree.Writes.Clear();
        using var successor = bench.Agent();

        successor.Take(3).Should().Be(KernelOutcome.Done);

        bench.Tree.Writes.Should().Equal("kdamonds/0/state=off", "kdamonds/1/state=off", $"{Number}=0", $"{Number}=3");
        Parse(bench)!.Pid.Should().Be(600);
        successor.Check().Should().Be(OwnershipCheck.Held);
    }

    [Theory]
    [InlineData("another run of the kernel")]
    [InlineData("another thread under the pid")]
    [InlineData("somebody else's thread")]
    [InlineData("one more kdamond")]
    [InlineData("made anew by somebody else")]
    [InlineData("thread out of sight")]
    [InlineData("record writable by others")]
    public void What_the_record_does_not_prove_is_somebody_elses(string what)
    {
        using var bench = new OwnershipBench();
        bench.Crash(bench.RunningAgent(1));
        switch (what)
        {
            case "another run of the kernel":
                bench.Reboot();
                break;
            case "another thread under the pid":
                bench.Host.Write("/proc/9000/stat", OwnershipTree.Stat(9000, "kdamond.0", 123_456));
                break;
            case "somebody else's thread":
                bench.Tree.TurnOff(0).TurnOn(0);
                break;
            case "one more kdamond":
                bench.Tree.TurnOff(0).Recreate(2);
                break;
            case "made anew by somebody else":
                bench.Tree.TurnOff(0).Recreate(1);
                break;
            case "thread out of sight":
                bench.Host.Remove("/proc/9000");
                break;
            default:
                bench.Forgeable();
                break;
        }

        bench.Tree.Writes.Clear();
        var record = bench.Record;
        using var successor = bench.Agent();

        successor.Take(1).Kind.Should().Be(KernelOutcomeKind.Busy);

        bench.Tree.Writes.Should().BeEmpty();
        bench.Record.Should().Be(record);
    }

    [Fact]
    public void A_kdamond_of_a_predecessor_that_has_ended_by_itself_still_is_its_own_folder()
    {
        using var bench = new OwnershipBench();
        bench.Crash(bench.RunningAgent(1));
        bench.Tree.TurnOff(0);
        using var successor = bench.Agent();
        successor.Take(1).Should().Be(KernelOutcome.Done);
    }

    [Fact]
    public void Without_numbers_of_folders_what_is_off_and_configured_is_not_proven()
    {
        using var bench = new OwnershipBench();
        bench.Tree.NumbersFolders = false;
        bench.Crash(bench.RunningAgent(1));
        bench.Tree.TurnOff(0);
        using var successor = bench.Agent();
        successor.Take(1).Kind.Should().Be(KernelOutcomeKind.Busy);
    }

    /// <summary>The law of the record: wherever the owner ends, the next one can clean up, and what was switched off is switched on in the end.</summary>
    [Fact]
    public void Wherever_the_owner_ends_its_successor_can_clean_up()
    {
        var ends = 0;
        for (var hasEnded = true; hasEnded; ends++)
        {
            using var bench = new OwnershipBench();
            bench.Module(DamonModule.Stat, "Y");
            var left = ends;
            bench.Tree.Before = _ => left = left > 0 ? left - 1 : throw new InvalidOperationException("killed");
            var agent = bench.Agent(DamonModule.Stat);
            try
            {
                agent.Take(2).Should().Be(KernelOutcome.Done);
                bench.Start(agent, 0);
                bench.Start(agent, 1);
                agent.Release().Should().Be(KernelOutcome.Done);
                hasEnded = false;
            }
            catch (InvalidOperationException)
            {
                bench.Tree.Before = null;
            }

            bench.Tree.Before = null;
            bench.Crash(agent);
            using var successor = bench.Agent(DamonModule.Stat);
            successor.Take(1).Should().Be(KernelOutcome.Done, "the owner ended at call {0}", ends);
            bench.Module(DamonModule.Stat).Should().Be("N");
            successor.Release().Should().Be(KernelOutcome.Done);
            (bench.Tree.Count, bench.Record, bench.Module(DamonModule.Stat)).Should().Be((0, null, "Y"));
        }

        ends.Should().BeGreaterThan(20, "that many calls there are to end at");
    }

    [Fact]
    public void A_module_that_may_not_be_switched_off_is_named_with_the_remedy()
    {
        using var bench = new OwnershipBench();
        bench.Module(DamonModule.Stat, "Y", pid: 61);
        bench.Module(DamonModule.Reclaim, "N");
        using var agent = bench.Agent(DamonModule.Reclaim);

        var outcome = agent.Take(1);

        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
        outcome.Message.Should().ContainAll("damon_stat (thread 61)", "exclusiveModules").And.NotContain("damon_reclaim");
        (bench.Tree.Writes.Count, bench.HasTouchedFiles, bench.Module(DamonModule.Stat)).Should().Be((0, false, "Y"));
    }

    [Fact]
    public void A_module_that_may_be_is_recorded_switched_off_and_switched_on_again()
    {
        using var bench = new OwnershipBench();
        bench.Module(DamonModule.Stat, "Y");
        bench.Module(DamonModule.LruSort, "N");
        OwnerRecord? made = null;
        var seen = "";
        bench.Tree.Before = call => (made, seen) = call == $"write {Number}" && made is null ? (Parse(bench), bench.Module(DamonModule.Stat)) : (made, seen);
        using var agent = bench.Agent(DamonModule.Stat, DamonModule.LruSort);

        agent.Take(1).Should().Be(KernelOutcome.Done);

        made!.Modules.Should().Equal(DamonModule.Stat);
        seen.Should().Be("N", "DAMON is free before the kdamonds are made");
        agent.Release().Should().Be(KernelOutcome.Done);
        (bench.Module(DamonModule.Stat), bench.Module(DamonModule.LruSort), bench.Record).Should().Be(("Y", "N", null));
    }

    [Fact]
    public void What_a_predecessor_switched_off_and_is_no_longer_allowed_goes_back_on()
    {
        using var bench = new OwnershipBench();
        bench.Module(DamonModule.Stat, "Y");
        bench.Crash(bench.RunningAgent(1, DamonModule.Stat));
        bench.Module(DamonModule.Stat).Should().Be("N");
        using var successor = bench.Agent();

        var outcome = successor.Take(1);

        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
        outcome.Message.Should().Contain("damon_stat");
        (bench.Module(DamonModule.Stat), bench.Tree.Count, bench.Record).Should().Be(("Y", 0, null));
    }

    [Fact]
    public void A_module_that_stays_on_is_given_up_on_and_nothing_is_made()
    {
        using var bench = new OwnershipBench();
        bench.Module(DamonModule.Stat, "Y", pid: 61);
        using var agent = bench.Agent(DamonModule.Stat);

        // The fake's thread does not end: the pid stays.
        var outcome = agent.Take(1);

        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
        outcome.Message.Should().Contain("still is on");
        (bench.Tree.Writes.Count, bench.Record, bench.Module(DamonModule.Stat)).Should().Be((0, null, "Y"));
    }

    [Theory]
    [InlineData("count", DamonLoss.CountChanged, -1)]
    [InlineData("recreated", DamonLoss.Recreated, 0)]
    [InlineData("off", DamonLoss.TurnedOff, 1)]
    [InlineData("restarted", DamonLoss.ForeignThread, 1)]
    [InlineData("module", DamonLoss.ModuleOn, -1)]
    [InlineData("record gone", DamonLoss.RecordChanged, -1)]
    [InlineData("record another's", DamonLoss.RecordChanged, -1)]
    [InlineData("locked", DamonLoss.Unreadable, -1)]
    public void What_somebody_changes_is_told(string change, DamonLoss loss, int kdamond)
    {
        using var bench = new OwnershipBench();
        bench.Module(DamonModule.Reclaim, "N");
        using var agent = bench.RunningAgent(2);
        agent.Check().Should().Be(OwnershipCheck.Held);
        var writes = bench.Tree.Writes.Count;
        switch (change)
        {
            case "count":
                bench.Tree.TurnOff(0).TurnOff(1).Recreate(3);
                break;
            case "recreated":
                bench.Tree.TurnOff(0).TurnOff(1).Recreate(2);
                break;
            case "off":
                bench.Tree.TurnOff(1);
                break;
            case "restarted":
                bench.Tree.TurnOff(1).TurnOn(1);
                break;
            case "module":
                bench.Module(DamonModule.Reclaim, "Y");
                break;
            case "record gone":
                bench.Host.Remove(OwnershipBench.RecordPath);
                break;
            case "record another's":
                bench.Host.Write(OwnershipBench.RecordPath, bench.Record!.Replace("500", "501", StringComparison.Ordinal));
                break;
            default:
                bench.Tree.BusyCalls = -1;
                break;
        }

        var check = agent.Check();

        (check.Loss, check.Kdamond).Should().Be((loss, kdamond));
        check.Message.Should().NotBeEmpty();
        bench.Tree.BusyCalls = 0;
        bench.Tree.Writes.Should().HaveCount(writes);
    }

    [Fact]
    public void A_kdamond_that_we_stop_or_start_again_ourselves_is_no_loss()
    {
        using var bench = new OwnershipBench();
        using var agent = bench.RunningAgent(1);
        bench.Tree.TurnOff(0);
        agent.Stopped(0).Should().Be(KernelOutcome.Done);
        agent.Check().Should().Be(OwnershipCheck.Held);
        bench.Start(agent, 0);
        agent.Check().Should().Be(OwnershipCheck.Held);
    }

    [Fact]
    public void A_kdamond_that_ended_before_it_was_seen_does_not_count_as_started()
    {
        using var bench = new OwnershipBench();
        using var agent = bench.Agent();
        agent.Take(1).Should().Be(KernelOutcome.Done);
        agent.Starting(0).Should().Be(KernelOutcome.Done);
        agent.Started(0).Kind.Should().Be(KernelOutcomeKind.NotRunning);
    }

    [Fact]
    public void What_is_not_ours_any_more_is_left_when_giving_back()
    {
        using var bench = new OwnershipBench();
        using var agent = bench.RunningAgent(2);
        bench.Tree.TurnOff(1).TurnOn(1);
        bench.Tree.Writes.Clear();

        agent.Release().Should().Be(KernelOutcome.Done);

        bench.Tree.Writes.Should().Equal("kdamonds/0/state=off");
        (bench.Tree.Count, bench.Record).Should().Be((2, null));
    }

    [Fact]
    public void A_module_that_cannot_be_switched_on_again_stays_owed()
    {
        using var bench = new OwnershipBench();
        bench.Module(DamonModule.Stat, "Y");
        using var agent = bench.RunningAgent(1, DamonModule.Stat);
        bench.Host.Remove(DamonModuleFacts.SwitchOf(DamonModule.Stat)).MakeDirectory(DamonModuleFacts.SwitchOf(DamonModule.Stat));

        agent.Release().IsDone.Should().BeFalse();

        Parse(bench)!.Should().Match<OwnerRecord>(record => record.Modules.Single() == DamonModule.Stat && record.Kdamonds.Count == 0);
    }

    [Fact]
    public void Who_configures_right_after_us_keeps_it()
    {
        using var bench = new OwnershipBench();
        bench.Tree.After = write =>
        {
            if (write == $"{Number}=1")
            {
                bench.Tree.Configure(0);
            }
        };
        using var agent = bench.Agent();

        agent.Take(1).Kind.Should().Be(KernelOutcomeKind.Overwritten);

        agent.IsHeld.Should().BeFalse();
        bench.Tree.Writes.Should().Equal($"{Number}=1");
        bench.Tree.After = null;
        using var again = bench.Agent();
        again.Take(1).Kind.Should().Be(KernelOutcomeKind.Busy);
    }

    [Fact]
    public void Without_the_interface_or_without_proc_there_is_nothing_to_take()
    {
        using var bench = new OwnershipBench();
        using var nowhere = new DamonOwnership(new HostDamonTree(bench.Host.Root), bench.Host.Root, bench.Time, new OwnershipSettings());
        nowhere.Take(1).Kind.Should().Be(KernelOutcomeKind.Vanished);
        bench.Host.Remove("/proc/self");
        using var blind = bench.Agent();
        blind.Take(1).Kind.Should().Be(KernelOutcomeKind.Refused);
        (bench.Tree.Writes.Count, bench.HasTouchedFiles).Should().Be((0, false));
    }

    [Theory]
    [InlineData("owner.json")]
    [InlineData("/run/../etc/passwd")]
    [InlineData("/run/")]
    public void A_record_is_at_a_plain_path(string path)
    {
        using var bench = new OwnershipBench();
        FluentActions.Invoking(() => new DamonOwnership(bench.Tree, bench.Host.Root, bench.Time, new OwnershipSettings { RecordPath = path })).Should().Throw<ArgumentException>();
    }

    private static OwnerRecord? Parse(OwnershipBench bench)
    {
        using var file = new OwnerRecordFile(bench.Host.Root, OwnershipBench.RecordPath);
        return file.Read();
    }
}

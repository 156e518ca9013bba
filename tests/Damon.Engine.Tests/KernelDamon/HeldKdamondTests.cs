using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.Engine.Tests.KernelDamon;

public class HeldKdamondTests
{
    public static TheoryData<string> Both { get; } = ["6.12", "7.3"];

    [Theory, MemberData(nameof(Both))]
    public void A_start_is_announced_before_it_and_its_thread_recorded_after_it(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);
        var kdamond = bench.Taken();
        OwnedKdamond? announced = null;
        bench.Tree.OnWrite = (path, text) =>
        {
            announced = path == KernelInterfaceBench.State && text == "on" ? bench.Record!.Kdamonds[0] : announced;
            return null;
        };

        kdamond.Start(bench.Wanted).Should().Be(KernelOutcome.Done);

        announced!.IsStarting.Should().BeTrue();
        announced.HasThread.Should().BeFalse();
        var recorded = bench.Record!.Kdamonds[0];
        (recorded.IsStarting, recorded.ThreadPid, recorded.ThreadStartTicks).Should().Be((false, 4000, 4000UL));
    }

    [Theory, MemberData(nameof(Both))]
    public void A_stop_is_recorded(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);

        bench.Started().Stop().Should().Be(KernelOutcome.Done);

        bench.Record!.Kdamonds[0].HasThread.Should().BeFalse();
        bench.Fake.Kdamonds[0].IsRunning.Should().BeFalse();
    }

    [Theory, MemberData(nameof(Both))]
    public void A_start_that_fails_is_recorded_as_one_that_does_not_run(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);
        var kdamond = bench.Taken();
        bench.Fake.Processes.End(bench.Process);
        bench.Vanish(bench.Process);

        kdamond.Start(bench.Wanted).Kind.Should().Be(KernelOutcomeKind.TargetVanished);

        var recorded = bench.Record!.Kdamonds[0];
        (recorded.IsStarting, recorded.HasThread).Should().Be((false, false));
    }

    [Fact]
    public void A_thread_that_cannot_be_recorded_is_turned_off_again()
    {
        using var bench = new KernelInterfaceBench("7.3");
        var kdamond = bench.Taken();
        bench.Vanish(4000);

        var started = kdamond.Start(bench.Wanted);

        started.Kind.Should().Be(KernelOutcomeKind.Refused);
        started.Message.Should().Contain("pid namespace");
        bench.Fake.Kdamonds[0].IsRunning.Should().BeFalse();
    }

    [Theory, MemberData(nameof(Both))]
    public void Nothing_is_written_to_one_that_somebody_made_anew_in_its_place(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);
        var kdamond = bench.Started();
        bench.Recreate();

        bench.WritesOf(() =>
        {
            kdamond.ReadState().Error.Kind.Should().Be(HostErrorKind.Vanished);
            kdamond.Verify().Kind.Should().Be(KernelOutcomeKind.Overwritten);
            kdamond.Commit(bench.Wanted).Kind.Should().Be(KernelOutcomeKind.Overwritten);
            kdamond.Start(bench.Wanted).Kind.Should().Be(KernelOutcomeKind.Overwritten);
            kdamond.Stop().Should().Be(KernelOutcome.Done);
            bench.Interface.Release();
        }).Should().Be(0);

        bench.Kdamonds.Should().Be("1");
    }

    [Theory, MemberData(nameof(Both))]
    public void One_that_has_ended_is_still_ours_to_start(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);
        var kdamond = bench.Started();
        bench.Fake.Kdamonds[0].End();

        kdamond.ReadState().Value.IsOn.Should().BeFalse();
        kdamond.Start(bench.Wanted).Should().Be(KernelOutcome.Done);

        bench.Fake.Kdamonds[0].IsRunning.Should().BeTrue();
    }

    [Fact]
    public void A_module_that_waits_for_its_end_does_not_end_one_that_runs()
    {
        using var bench = new KernelInterfaceBench("7.3");
        var kdamond = bench.Started();
        bench.Module(DamonModule.Stat, "Y");

        kdamond.ReadState().Value.IsOn.Should().BeTrue();
        kdamond.Commit(bench.Wanted).Should().Be(KernelOutcome.Done);
    }

    [Fact]
    public void Without_its_record_nothing_is_put_in_force_any_more()
    {
        using var bench = new KernelInterfaceBench("7.3");
        var kdamond = bench.Started();
        bench.Host.Remove(OwnershipSettings.DefaultRecordPath);

        var outcome = kdamond.Commit(bench.Wanted);

        outcome.Kind.Should().Be(KernelOutcomeKind.Overwritten);
        outcome.Message.Should().Contain("owner record");
    }
}

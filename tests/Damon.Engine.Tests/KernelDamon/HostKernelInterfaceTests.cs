using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.Engine.Tests.KernelDamon;

public class HostKernelInterfaceTests
{
    public static TheoryData<string> Both { get; } = ["6.12", "7.3"];

    [Theory, MemberData(nameof(Both))]
    public void Taking_makes_one_kdamond_that_does_not_run_and_finds_what_the_kernel_can(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);

        var kdamond = bench.Taken();

        bench.Kdamonds.Should().Be("1");
        kdamond.ReadState().Value.IsOn.Should().BeFalse();
        kdamond.Features.Should().BeEquivalentTo(kernel == "6.12" ? Kernels.Old : Kernels.New);
        bench.Fake.Read("kdamonds/0/contexts/nr_contexts").Value.Should().Be("0");
        bench.Record!.Kdamonds.Should().ContainSingle().Which.HasFolder.Should().BeTrue();
    }

    [Theory, MemberData(nameof(Both))]
    public void Several_kdamonds_are_made_at_once_and_each_runs_by_itself(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);

        var taken = bench.Interface.Take(2);
        taken.IsOk.Should().BeTrue(taken.Error.ToString());
        taken.Value.Select(kdamond => kdamond.Index).Should().Equal(0, 1);
        taken.Value[0].Start(bench.Wanted).Should().Be(KernelOutcome.Done);
        taken.Value.Select(kdamond => kdamond.ReadState().Value.IsOn).Should().Equal(true, false);
        taken.Value[0].Stop().Should().Be(KernelOutcome.Done);

        bench.Interface.Release().Should().Be(KernelOutcome.Done);
        (bench.Kdamonds, bench.Record).Should().Be(("0", null));
    }

    [Theory, MemberData(nameof(Both))]
    public void Giving_back_turns_off_and_leaves_nothing(string kernel)
    {
        using var bench = new KernelInterfaceBench(kernel);
        bench.Started();

        bench.Interface.Release().Should().Be(KernelOutcome.Done);

        bench.Kdamonds.Should().Be("0");
        bench.Record.Should().BeNull();
        bench.Interface.Release().Should().Be(KernelOutcome.Done, "there is nothing left to do");
    }

    [Fact]
    public void What_is_somebody_elses_is_busy_and_nothing_is_written()
    {
        using var bench = new KernelInterfaceBench("7.3");
        bench.Fake.WriteBehind("kdamonds/nr_kdamonds", "1");
        bench.Fake.WriteBehind("kdamonds/0/contexts/nr_contexts", "1");

        HostResult<IKdamond> taken = default;
        bench.WritesOf(() => taken = bench.Interface.Take()).Should().Be(0);

        taken.Error.Kind.Should().Be(HostErrorKind.Busy);
        taken.Error.Detail.Should().Contain("kdamond 0 is configured and off");
        bench.Record.Should().BeNull();
    }

    [Fact]
    public void A_module_that_is_on_is_busy_and_stays_on()
    {
        using var bench = new KernelInterfaceBench("7.3");
        bench.Module(DamonModule.Stat, "Y");

        HostResult<IKdamond> taken = default;
        bench.WritesOf(() => taken = bench.Interface.Take()).Should().Be(0);

        taken.Error.Kind.Should().Be(HostErrorKind.Busy);
        taken.Error.Detail.Should().Contain("damon_stat");
        bench.Module(DamonModule.Stat).Should().Be("Y");
    }

    [Fact]
    public void A_module_that_may_be_switched_off_is_off_while_it_is_held_and_on_again_afterwards()
    {
        using var bench = new KernelInterfaceBench("7.3");
        bench.Module(DamonModule.Stat, "Y");
        bench.Module(DamonModule.Reclaim, "N");
        using var kernel = bench.New(DamonModule.Stat, DamonModule.Reclaim);

        kernel.Take().IsOk.Should().BeTrue();
        (bench.Module(DamonModule.Stat), bench.Module(DamonModule.Reclaim)).Should().Be(("N", "N"));

        kernel.Release().Should().Be(KernelOutcome.Done);
        (bench.Module(DamonModule.Stat), bench.Module(DamonModule.Reclaim)).Should().Be(("Y", "N"));
    }

    [Fact]
    public void Allowing_one_module_does_not_allow_another()
    {
        using var bench = new KernelInterfaceBench("7.3");
        bench.Module(DamonModule.Stat, "Y");
        bench.Module(DamonModule.LruSort, "Y");
        using var kernel = bench.New(DamonModule.Stat);

        kernel.Take().Error.Detail.Should().Contain("damon_lru_sort").And.NotContain("damon_stat");

        (bench.Module(DamonModule.Stat), bench.Module(DamonModule.LruSort)).Should().Be(("Y", "Y"));
    }

    [Fact]
    public void A_kernel_that_cannot_be_probed_is_given_back()
    {
        using var bench = new KernelInterfaceBench("7.3");
        bench.Tree.OnWrite = (path, _) => path.EndsWith("/action", StringComparison.Ordinal) ? new HostError(HostErrorKind.Failed, path, "", 5) : null;

        bench.Interface.Take().Error.Kind.Should().Be(HostErrorKind.Failed);

        bench.Kdamonds.Should().Be("0");
        bench.Record.Should().BeNull();
    }

    [Fact]
    public void What_was_not_given_back_is_left_with_its_record_and_cleaned_up_by_the_next()
    {
        using var bench = new KernelInterfaceBench("7.3");
        bench.Started();

        bench.WritesOf(bench.Interface.Dispose).Should().Be(0);

        bench.Fake.Kdamonds[0].IsRunning.Should().BeTrue();
        bench.Record!.Pid.Should().Be(500);
        bench.Vanish(500);
        bench.Become(600);
        using var next = bench.New();
        next.Take().IsOk.Should().BeTrue();
        bench.Fake.Kdamonds.Should().ContainSingle().Which.IsRunning.Should().BeFalse();
        bench.Record!.Pid.Should().Be(600);
        next.Release().Should().Be(KernelOutcome.Done);
    }

    [Fact]
    public void A_second_agent_is_told_the_first_ones_process()
    {
        using var bench = new KernelInterfaceBench("7.3");
        bench.Started();
        bench.Become(600);
        using var second = bench.New();

        HostResult<IKdamond> taken = default;
        bench.WritesOf(() => taken = second.Take()).Should().Be(0);

        taken.Error.Kind.Should().Be(HostErrorKind.Busy);
        taken.Error.Detail.Should().Contain("process 500");
    }
}

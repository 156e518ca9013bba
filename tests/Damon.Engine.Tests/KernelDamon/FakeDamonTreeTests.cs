using Damon.Engine.Host;
using Damon.Testing.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

public sealed class FakeDamonTreeTests
{
    private const string State = "kdamonds/0/state";
    private const string Context = "kdamonds/0/contexts/0";

    private static readonly FakeKernel[] Kernels = [FakeKernel.Debian612, FakeKernel.Debian73];

    public static TheoryData<string> Names => [.. Kernels.Select(kernel => kernel.Name)];

    [Fact]
    public void Errors_mean_what_a_hosts_errors_mean()
    {
        foreach (var errno in Enum.GetValues<KernelErrno>().Where(errno => errno != KernelErrno.None))
        {
            errno.At("/x").Kind.Should().Be(HostErrors.KindOf((int)errno), errno.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Somebody_who_holds_the_lock_keeps_everybody_from_what_needs_it(string kernel)
    {
        var tree = Running(kernel);

        tree.HoldLock(calls: 4);

        Errno(tree.Read(State)).Should().Be(KernelErrno.EBUSY);
        Errno(tree.Write(State, "off")).Should().Be(KernelErrno.EBUSY);
        Errno(tree.Write("kdamonds/nr_kdamonds", "x")).Should().Be(KernelErrno.EINVAL, "the text is read before the lock is taken");
        Errno(tree.Read($"{Context}/operations")).Should().Be(KernelErrno.None, "most files need no lock");
        Errno(tree.Write($"{Context}/schemes/nr_schemes", "1")).Should().Be(KernelErrno.EBUSY);
        Errno(tree.Read("kdamonds/0/pid")).Should().Be(KernelErrno.EBUSY);
        Errno(tree.Read(State)).Should().Be(KernelErrno.None);
    }

    [Fact]
    public void While_a_command_waits_the_lock_is_held()
    {
        var tree = Running("7.3");
        var meanwhile = new List<KernelErrno>();
        tree.OnCommand = _ => meanwhile.AddRange([Errno(tree.Read(State)), Errno(tree.Write("kdamonds/nr_kdamonds", "1")), Errno(tree.Write(State, "commit"))]);

        Errno(tree.Write(State, "commit")).Should().Be(KernelErrno.None);

        meanwhile.Should().Equal(KernelErrno.EBUSY, KernelErrno.EBUSY, KernelErrno.EBUSY);
        Errno(tree.Read(State)).Should().Be(KernelErrno.None);
    }

    [Fact]
    public void While_an_older_kernels_command_waits_only_other_commands_are_kept_out()
    {
        var tree = Running("6.12");
        var meanwhile = new List<KernelErrno>();
        tree.OnCommand = _ => meanwhile.AddRange([Errno(tree.Read(State)), Errno(tree.Write("kdamonds/nr_kdamonds", "1")), Errno(tree.Write(State, "commit"))]);

        Errno(tree.Write(State, "commit")).Should().Be(KernelErrno.None);

        meanwhile.Should().Equal(KernelErrno.None, KernelErrno.EBUSY, KernelErrno.EBUSY);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Command_can_be_kept_waiting(string kernel)
    {
        var tree = Running(kernel);
        using var goOn = new SemaphoreSlim(0);
        using var begun = new SemaphoreSlim(0);
        tree.OnCommand = _ =>
        {
            begun.Release();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        var command = Task.Run(() => tree.Write(State, "update_schemes_tried_bytes"), TestContext.Current.CancellationToken);
        await begun.WaitAsync(TestContext.Current.CancellationToken);

        Errno(tree.Write(State, "off")).Should().Be(KernelErrno.EBUSY);
        command.IsCompleted.Should().BeFalse();
        goOn.Release();

        Errno(await command).Should().Be(KernelErrno.None);
        tree.Waits.Should().Be(1);
    }

    [Theory]
    [InlineData("6.12", KernelErrno.None)]
    [InlineData("7.3", KernelErrno.ECANCELED)]
    public void Kdamond_that_ends_while_it_is_asked_cancels(string kernel, KernelErrno errno)
    {
        var tree = Running(kernel);
        tree.OnCommand = _ => tree.Kdamonds[0].End();

        Errno(tree.Write(State, "update_schemes_stats")).Should().Be(errno);

        tree.Read(State).Value.Should().Be("off");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Module_that_owns_damon_keeps_others_out(string kernel)
    {
        var tree = Made(kernel);
        tree.ExclusiveModule = "damon_stat";

        Errno(tree.Write(State, "on")).Should().Be(KernelErrno.EBUSY);
        tree.ExclusiveModule = null;

        Errno(tree.Write(State, "on")).Should().Be(KernelErrno.None);
    }

    [Fact]
    public void Another_writer_changes_a_file_right_after_it_was_written()
    {
        var tree = Made("7.3");
        tree.OnWritten = (path, _) =>
        {
            if (path.EndsWith("/sample_us", StringComparison.Ordinal))
            {
                tree.WriteBehind(path, "7000");
            }
        };

        tree.Write($"{Context}/monitoring_attrs/intervals/sample_us", "6000").IsOk.Should().BeTrue();

        tree.Read($"{Context}/monitoring_attrs/intervals/sample_us").Value.Should().Be("7000");
        tree.Writes[^1].Should().Be(new FakeWrite($"{Context}/monitoring_attrs/intervals/sample_us", "6000", KernelErrno.None));
    }

    [Fact]
    public void Schemes_try_what_the_process_does_through_their_patterns()
    {
        var tree = Made("7.3", new FakeRegion(0x10_0000, 0x20_0000, Accesses: 18, Age: 7), new FakeRegion(0x30_0000, 0x40_0000, Accesses: 0, Age: 40));
        Set(tree, ("access_pattern/age/min", "40"), ("access_pattern/nr_accesses/max", "0"));
        tree.Write(State, "on");

        tree.Write(State, "update_schemes_tried_regions");

        tree.Read($"{Context}/schemes/0/tried_regions/0/start").Value.Should().Be($"{0x30_0000}");
        tree.Read($"{Context}/schemes/0/tried_regions/0/age").Value.Should().Be("40");
        tree.Exists($"{Context}/schemes/0/tried_regions/1").Should().BeFalse();
        tree.Write(State, "update_schemes_stats");
        tree.Read($"{Context}/schemes/0/stats/sz_tried").Value.Should().Be($"{0x10_0000}");
    }

    [Fact]
    public void New_memory_is_seen_when_the_kernel_looks_for_mappings_again()
    {
        var tree = Running("7.3");
        var pid = tree.Kdamonds[0].Context!.Targets[0].Pid;
        tree.Processes.Set(pid, new FakeRegion(0x10_0000, 0x20_0000, 3, 1), new FakeRegion(0x50_0000, 0x70_0000, 3, 1));

        TriedBytes(tree).Should().Be(0x10_0000);
        tree.Pass(TimeSpan.FromMinutes(1));

        TriedBytes(tree).Should().Be(0x30_0000);
    }

    [Fact]
    public void Tuned_intervals_are_written_into_the_inputs()
    {
        var tree = Running("7.3");
        tree.Kdamonds[0].Tune(33_520, 670_400);

        tree.Read($"{Context}/monitoring_attrs/intervals/sample_us").Value.Should().Be("5000");
        tree.Write(State, "update_tuned_intervals").IsOk.Should().BeTrue();

        tree.Read($"{Context}/monitoring_attrs/intervals/sample_us").Value.Should().Be("33520");
        tree.Read($"{Context}/monitoring_attrs/intervals/aggr_us").Value.Should().Be("670400");
    }

    [Fact]
    public void Refresh_shows_statistics_without_being_asked()
    {
        var tree = Made("7.3", new FakeRegion(0x10_0000, 0x20_0000, 3, 1));
        tree.Write("kdamonds/0/refresh_ms", "500");
        tree.Write(State, "on");

        tree.Pass(TimeSpan.FromSeconds(1));

        tree.Read($"{Context}/schemes/0/stats/nr_tried").Value.Should().NotBe("0");
    }

    [Theory]
    [InlineData("anon", "524288")]
    [InlineData("target", "0")]
    public void Bytes_that_filters_on_pages_let_through_are_those_that_the_test_says(string type, string passed)
    {
        var tree = Made("7.3", new FakeRegion(0x10_0000, 0x20_0000, 3, 1) { FilterPassedBytes = 0x8_0000 });
        tree.Write($"{Context}/schemes/0/filters/nr_filters", "1");
        Set(tree, ("filters/0/type", type));
        tree.Write(State, "on");

        tree.Write(State, "update_schemes_tried_regions");

        tree.Read($"{Context}/schemes/0/tried_regions/0/sz_filter_passed").Value.Should().Be(passed);
    }

    [Fact]
    public void Budget_in_time_is_shown_in_bytes()
    {
        var tree = Made("7.3", new FakeRegion(0x10_0000, 0x20_0000, 3, 1));
        Set(tree, ("quotas/ms", "2"));
        tree.Write(State, "on");
        tree.Pass(TimeSpan.FromSeconds(1));

        tree.Write(State, "update_schemes_effective_quotas");

        tree.Read($"{Context}/schemes/0/quotas/effective_bytes").Value.Should().Be($"{8 << 20}");
    }

    private static FakeDamonTree Made(string kernel, params FakeRegion[] memory)
    {
        var tree = new FakeDamonTree(Kernels.Single(one => one.Name == kernel));
        var pid = tree.Processes.Start(memory.Length > 0 ? memory : [new FakeRegion(0x10_0000, 0x20_0000, Accesses: 3, Age: 1)]);
        tree.Write("kdamonds/nr_kdamonds", "1");
        tree.Write("kdamonds/0/contexts/nr_contexts", "1");
        tree.Write($"{Context}/targets/nr_targets", "1");
        tree.Write($"{Context}/targets/0/pid_target", $"{pid}");
        tree.Write($"{Context}/schemes/nr_schemes", "1");
        Set(
            tree, ("access_pattern/sz/max", $"{ulong.MaxValue}"), ("access_pattern/nr_accesses/max", $"{uint.MaxValue}"), ("access_pattern/age/max", $"{uint.MaxValue}"));
        return tree;
    }

    private static FakeDamonTree Running(string kernel)
    {
        var tree = Made(kernel);
        tree.Write(State, "on").IsOk.Should().BeTrue();
        return tree;
    }

    private static void Set(FakeDamonTree tree, params ReadOnlySpan<(string File, string Text)> files)
    {
        foreach (var (file, text) in files)
        {
            tree.Write($"{Context}/schemes/0/{file}", text).IsOk.Should().BeTrue(file);
        }
    }

    private static ulong TriedBytes(FakeDamonTree tree)
    {
        tree.Write(State, "update_schemes_tried_bytes").IsOk.Should().BeTrue();
        return ulong.Parse(tree.Read($"{Context}/schemes/0/tried_regions/total_bytes").Value);
    }

    private static KernelErrno Errno<T>(HostResult<T> result) => (KernelErrno)result.Error.Errno;
}

using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Regions;
using Damon.Testing;
using Damon.Testing.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

public class KdamondPoolTests
{
    [Fact]
    public void What_a_kernel_can_is_found_by_its_files_and_words()
    {
        new KdamondSetup("6.12").Kdamond.Features.Should().BeEquivalentTo(Kernels.Old);
        new KdamondSetup("7.3").Kdamond.Features.Should().BeEquivalentTo(Kernels.New);
    }

    [Theory]
    [InlineData("6.12")]
    [InlineData("7.3")]
    public void Finding_out_leaves_nothing_behind(string kernel)
    {
        var setup = new KdamondSetup(kernel);
        setup.Fake.Read("kdamonds/nr_kdamonds").Value.Should().Be("1");
        setup.Fake.Read("kdamonds/0/contexts/nr_contexts").Value.Should().Be("0");
        setup.Fake.Read("kdamonds/0/state").Value.Should().Be("off");
    }

    [Fact]
    public void A_probe_that_fails_takes_the_kdamonds_away_again()
    {
        var fake = new FakeDamonTree(FakeKernel.Debian73);
        var tree = new InterposedDamonTree(fake) { OnWrite = (path, _) => path.EndsWith("/action", StringComparison.Ordinal) ? new HostError(HostErrorKind.Failed, path, "", 5) : null };
        var pool = New(tree);

        pool.Open(2).Kind.Should().Be(KernelOutcomeKind.Refused);

        pool.Kdamonds.Should().BeEmpty();
        fake.Read("kdamonds/nr_kdamonds").Value.Should().Be("0");
    }

    [Fact]
    public void Nothing_is_written_where_a_kdamond_runs()
    {
        var setup = new KdamondSetup("7.3").Started();

        KernelOutcome outcome = default;
        setup.WritesOf(() => outcome = New(setup.Tree).Open(3)).Should().BeEmpty();

        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
    }

    [Fact]
    public void What_a_predecessor_left_that_does_not_run_is_made_anew()
    {
        var setup = new KdamondSetup("7.3").Started();
        setup.InKernel.End();

        var pool = New(setup.Tree);
        pool.Open(3).Should().Be(KernelOutcome.Done);

        pool.Kdamonds.Select(kdamond => kdamond.Index).Should().Equal(0, 1, 2);
        setup.Fake.Read("kdamonds/0/contexts/nr_contexts").Value.Should().Be("0");
    }

    [Theory]
    [InlineData("6.12")]
    [InlineData("7.3")]
    public void Closing_stops_all_and_takes_them_away(string kernel)
    {
        var setup = new KdamondSetup(kernel).Started();

        setup.Pool.Close().Should().Be(KernelOutcome.Done);

        setup.Fake.Read("kdamonds/nr_kdamonds").Value.Should().Be("0");
        setup.Pool.Kdamonds.Should().BeEmpty();
        setup.Pool.Close().Should().Be(KernelOutcome.Done, "there is nothing left to do");
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("made anew")]
    public void Folders_are_removed_only_after_a_time_in_which_whoever_waits_for_an_answer_can_leave(string how)
    {
        var setup = new KdamondSetup("6.12").Started();
        setup.InKernel.End();
        var last = setup.Time.GetTimestamp();
        var longest = TimeSpan.Zero;
        TimeSpan? quiet = null;
        setup.Tree.OnWrite = (path, _) =>
        {
            Touched();
            quiet ??= path == KernelFiles.KdamondCount ? longest : null;
            return null;
        };
        setup.Tree.OnRead = _ =>
        {
            Touched();
            return null;
        };

        if (how == "closed")
        {
            setup.Pool.Close();
        }
        else
        {
            New(setup.Tree, setup.Time).Open(1).Should().Be(KernelOutcome.Done);
        }

        quiet.Should().Be(StateWriters.QuietTime);

        void Touched()
        {
            var since = setup.Time.GetElapsedTime(last);
            longest = since > longest ? since : longest;
            last = setup.Time.GetTimestamp();
        }
    }

    [Fact]
    public void Closing_leaves_another_number_of_kdamonds_alone()
    {
        var setup = new KdamondSetup("7.3");
        setup.Fake.WriteBehind("kdamonds/nr_kdamonds", "4");

        setup.Pool.Close().Kind.Should().Be(KernelOutcomeKind.Overwritten);

        setup.Fake.Read("kdamonds/nr_kdamonds").Value.Should().Be("4");
    }

    [Theory]
    [InlineData("6.12")]
    [InlineData("7.3")]
    public void What_the_owner_has_made_is_taken_over_without_writing_its_number(string kernel)
    {
        var fake = new FakeDamonTree(kernel == "6.12" ? FakeKernel.Debian612 : FakeKernel.Debian73);
        fake.WriteBehind("kdamonds/nr_kdamonds", "2");
        var folder = fake.Identify("kdamonds/0").Value;
        var pool = New(fake);

        pool.Attach(2).Should().Be(KernelOutcome.Done);

        pool.Kdamonds.Select(kdamond => kdamond.Index).Should().Equal(0, 1);
        pool.Kdamonds[1].Features.Should().BeEquivalentTo(kernel == "6.12" ? Kernels.Old : Kernels.New);
        fake.Writes.Should().NotContain(write => write.Path == "kdamonds/nr_kdamonds");
        fake.Identify("kdamonds/0").Value.Should().Be(folder);
        pool.Invoking(open => open.Attach(2)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void What_runs_or_is_not_there_is_not_taken_over()
    {
        var setup = new KdamondSetup("7.3").Started();
        var pool = New(setup.Tree);

        KernelOutcome outcome = default;
        setup.WritesOf(() => outcome = pool.Attach(1)).Should().BeEmpty();

        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
        pool.Kdamonds.Should().BeEmpty();
        New(new FakeDamonTree(FakeKernel.Debian73)).Attach(1).Kind.Should().Be(KernelOutcomeKind.Vanished);
    }

    [Fact]
    public void A_machine_without_DAMON_says_so()
    {
        using var host = new FakeHost();
        New(new HostDamonTree(host.Root)).Open(1).Kind.Should().Be(KernelOutcomeKind.Vanished);
    }

    [Fact]
    public void Files_of_a_host_are_read_without_their_newline_whatever_their_length()
    {
        using var host = FakeHost.With(($"{HostDamonTree.Root}/kdamonds/nr_kdamonds", "3\n"), ($"{HostDamonTree.Root}/long", new string('x', 5000) + "\n"));
        var tree = new HostDamonTree(host.Root);
        tree.Read("kdamonds/nr_kdamonds").Value.Should().Be("3");
        tree.Read("long").Value.Should().HaveLength(5000);
        tree.Read("none").Error.Kind.Should().Be(HostErrorKind.Vanished);
    }

    private static KdamondPool New(IDamonTree tree, VirtualTime? time = null) => new(tree, new Everything(), time ?? new VirtualTime(), new RandomSource(1), new KernelPatience());

    private sealed class Everything : IKernelSubjects
    {
        public bool HasProcess(int pid) => true;

        public bool HasCgroup(string path) => true;
    }
}

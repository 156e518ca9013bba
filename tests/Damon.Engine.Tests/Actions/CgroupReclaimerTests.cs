using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Testing;

namespace Damon.Engine.Tests.Actions;

public class CgroupReclaimerTests
{
    private const ulong Mebi = 1 << 20;
    private const string App = "/sys/fs/cgroup/app/";

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(4, new[] { 4 })]
    [InlineData(5, new[] { 4, 1 })]
    [InlineData(11, new[] { 4, 4, 3 })]
    public void No_step_asks_for_more_than_4_MiB_and_all_steps_for_exactly_the_amount(int amount, int[] steps)
    {
        var group = new FakeGroup(100 * Mebi);
        using var reclaimer = new CgroupReclaimer("/app", group);

        reclaimer.Reclaim((ulong)amount * Mebi).Should().Be(new ActionResult(ActionOutcome.Applied, (ulong)amount * Mebi, (ulong)amount * Mebi));

        group.Asked.Should().Equal(steps.Select(step => (ulong)step * Mebi));
        reclaimer.LastError.Should().BeEmpty();
    }

    [Fact]
    public void Try_again_means_less_was_found_and_ends_it_with_what_was_measured()
    {
        var group = new FakeGroup(100 * Mebi) { Finds = 6 * Mebi };
        using var reclaimer = new CgroupReclaimer("/app", group);

        reclaimer.Reclaim(20 * Mebi).Should().Be(new ActionResult(ActionOutcome.Partial, 8 * Mebi, 6 * Mebi, Errno.EAGAIN));

        group.Asked.Should().Equal(4 * Mebi, 4 * Mebi);
        reclaimer.LastError.Should().Be("/app: the kernel found less to reclaim than was asked for (error 11)");
    }

    [Fact]
    public void Nothing_found_at_all_is_tried_again_later()
    {
        using var reclaimer = new CgroupReclaimer("/app", new FakeGroup(100 * Mebi) { Finds = 0 });

        reclaimer.Reclaim(20 * Mebi).Should().Be(new ActionResult(ActionOutcome.TryAgain, 4 * Mebi, 0, Errno.EAGAIN));
    }

    [Fact]
    public void Accepted_with_nothing_gone_is_no_success()
    {
        using var reclaimer = new CgroupReclaimer("/app", new FakeGroup(100 * Mebi) { IsEffective = false });

        reclaimer.Reclaim(8 * Mebi).Should().Be(new ActionResult(ActionOutcome.NoEffect, 8 * Mebi, 0));
    }

    [Fact]
    public void What_falls_beyond_what_was_asked_for_is_the_groups_own_doing()
    {
        using var reclaimer = new CgroupReclaimer("/app", new FakeGroup(100 * Mebi) { OnReclaim = group => group.CurrentBytes -= 50 * Mebi });

        reclaimer.Reclaim(Mebi).EffectBytes.Should().Be(Mebi);
    }

    [Fact]
    public void What_the_group_takes_meanwhile_hides_the_effect_and_never_becomes_a_huge_one()
    {
        using var reclaimer = new CgroupReclaimer("/app", new FakeGroup(100 * Mebi) { OnReclaim = group => group.CurrentBytes += 50 * Mebi });

        reclaimer.Reclaim(8 * Mebi).Should().Be(new ActionResult(ActionOutcome.NoEffect, 8 * Mebi, 0));
    }

    [Fact]
    public void Without_the_measurement_nothing_is_asked_for()
    {
        var group = new FakeGroup(100 * Mebi) { CanBeRead = false };
        using var reclaimer = new CgroupReclaimer("/app", group);

        reclaimer.Reclaim(8 * Mebi).Should().Be(new ActionResult(ActionOutcome.Gone, 0, 0, Errno.ENODEV));
        group.Asked.Should().BeEmpty();
    }

    [Fact]
    public void An_amount_of_nothing_asks_for_nothing()
    {
        var group = new FakeGroup(100 * Mebi);
        using var reclaimer = new CgroupReclaimer("/app", group);

        reclaimer.Reclaim(0).Outcome.Should().Be(ActionOutcome.Nothing);
        group.Asked.Should().BeEmpty();
    }

    [Fact]
    public void The_files_of_the_group_are_written_and_read()
    {
        using var host = Host();
        using var reclaimer = CgroupReclaimer.Open(host.Root, "/app").Value;

        reclaimer.Reclaim(5 * Mebi).Should().Be(new ActionResult(ActionOutcome.NoEffect, 5 * Mebi, 0));

        // The file of a test keeps what was written last; the kernel's keeps nothing.
        host.ReadText(App + "memory.reclaim").Should().StartWith("1048576");
    }

    [Theory]
    [InlineData(false, "1048576")]
    [InlineData(true, "1048576 swappiness=0")]
    public void Whether_anonymous_memory_is_spared_is_said_in_each_write(bool spares, string written)
    {
        using var host = Host();
        using var reclaimer = CgroupReclaimer.Open(host.Root, "/app").Value;

        reclaimer.Reclaim(Mebi, spares);

        host.ReadText(App + "memory.reclaim").Should().Be(written);
    }

    [Fact]
    public void A_kernel_that_cannot_spare_anonymous_memory_takes_none_of_it_and_is_named()
    {
        var group = new FakeGroup(100 * Mebi) { TakesSwappiness = false };
        using var reclaimer = new CgroupReclaimer("/app", group);

        reclaimer.Reclaim(8 * Mebi, sparesAnonymous: true).Should().Be(new ActionResult(ActionOutcome.Unsupported, 0, 0, Errno.EINVAL));

        reclaimer.LastError.Should().Contain("Linux 6.9");
        (group.Asked.Count, group.CurrentBytes).Should().Be((0, 100 * Mebi));
    }

    [Fact]
    public void A_group_that_has_taken_over_the_name_is_not_the_group()
    {
        using var host = Host();
        var group = new ControlGroup("/app", host.Root.Identify("/sys/fs/cgroup/app").Value);
        CgroupReclaimer.Open(host.Root, group).IsOk.Should().BeTrue();

        CgroupReclaimer.Open(host.Root, group with { File = host.Root.Identify("/sys/fs/cgroup").Value }).Error.Should().Match<HostError>(e => e.Kind == HostErrorKind.Vanished && e.Detail.Contains("another group"));
        host.Remove("/sys/fs/cgroup/app");
        CgroupReclaimer.Open(host.Root, group).Error.Kind.Should().Be(HostErrorKind.Vanished);
    }

    [Fact]
    public void A_kernel_without_the_file_is_named_with_the_version_that_has_it()
    {
        using var host = Host().Remove(App + "memory.reclaim");

        CgroupReclaimer.Open(host.Root, "/app").Error.Should().Match<HostError>(e => e.Kind == HostErrorKind.Unsupported && e.Detail.Contains("5.19"));
    }

    [Fact]
    public void Version_1_is_named()
    {
        using var host = FakeHost.With(("/sys/fs/cgroup/memory/cgroup.procs", ""), ("/sys/fs/cgroup/memory/app/memory.current", "1\n"));

        CgroupReclaimer.Open(host.Root, "/app").Error.Should().Match<HostError>(e => e.Kind == HostErrorKind.Unsupported && e.Detail.Contains("cgroup v2"));
    }

    [Theory]
    [InlineData("/gone", HostErrorKind.Vanished)]
    [InlineData("/", HostErrorKind.Malformed)]
    [InlineData("", HostErrorKind.Malformed)]
    [InlineData("app", HostErrorKind.Malformed)]
    [InlineData("/app/../..", HostErrorKind.Malformed)]
    [InlineData("///", HostErrorKind.Malformed)]
    public void What_is_no_group_below_the_root_is_refused(string group, HostErrorKind kind)
    {
        using var host = Host();

        CgroupReclaimer.Open(host.Root, group).Error.Kind.Should().Be(kind);
    }

    [Fact]
    public void A_hostile_measurement_is_an_error_and_no_number()
    {
        using var host = Host().Write(App + "memory.current", "-5\n");
        using var reclaimer = CgroupReclaimer.Open(host.Root, "/app").Value;

        reclaimer.Reclaim(Mebi).Should().Be(new ActionResult(ActionOutcome.Failed, 0, 0));
        host.ReadText(App + "memory.reclaim").Should().BeEmpty();
    }

    private static FakeHost Host() => FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "memory\n"), (App + "memory.current", "104857600\n"), (App + "memory.reclaim", ""));

    /// <summary>A group whose kernel reclaims.</summary>
    internal sealed class FakeGroup(ulong currentBytes) : IReclaimFiles
    {
        public ulong CurrentBytes { get; set; } = currentBytes;

        /// <summary>How much the kernel finds in all.</summary>
        public ulong Finds { get; set; } = ulong.MaxValue;

        public bool IsEffective { get; init; } = true;

        public bool CanBeRead { get; init; } = true;

        public Action<FakeGroup>? OnReclaim { get; init; }

        public List<ulong> Asked { get; } = [];

        public bool IsDisposed { get; private set; }

        /// <summary>Whether each call was to leave anonymous memory alone.</summary>
        public List<bool> Spared { get; } = [];

        /// <summary>An older kernel takes nothing but a number.</summary>
        public bool TakesSwappiness { get; init; } = true;

        public HostResult<int> Reclaim(ulong bytes, bool sparesAnonymous)
        {
            if (sparesAnonymous && !TakesSwappiness)
            {
                return HostErrors.From(-Errno.EINVAL, "memory.reclaim");
            }

            Asked.Add(bytes);
            Spared.Add(sparesAnonymous);
            OnReclaim?.Invoke(this);
            var found = Math.Min(bytes, Finds);
            Finds -= found;
            CurrentBytes -= IsEffective && OnReclaim is null ? found : 0;
            return found == bytes ? 1 : HostErrors.From(-Errno.EAGAIN, "memory.reclaim");
        }

        public HostResult<ulong> ReadCurrent() => CanBeRead ? CurrentBytes : HostErrors.From(-Errno.ENODEV, "memory.current");

        public void Dispose() => IsDisposed = true;
    }
}

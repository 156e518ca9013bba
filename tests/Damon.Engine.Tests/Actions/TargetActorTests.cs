using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Actions;

public class TargetActorTests
{
    private const ulong A = 0x7f00_0000_0000;
    private const ulong Page = FakeProcess.PageBytes;

    private static readonly AddressRange All = new(A, A + (8 * Page));

    [Fact]
    public void Each_action_goes_to_what_carries_it_out()
    {
        using var host = NewHost();
        var process = Process(host);
        var (advice, nodes, group) = (new FlakyAdvice(), new FakeNodes(), new CgroupReclaimerTests.FakeGroup(1 << 20));
        using (var actor = Actor(host, process, advice, nodes, group))
        {
            actor.Apply(SchemeAction.Cold, [All]).Outcome.Should().Be(ActionOutcome.Unmeasured);
            (advice.Calls.Count, nodes.Moves.Count, group.Asked.Count).Should().Be((1, 0, 0));

            actor.Apply(new(SchemeAction.MigrateHot, [new(1)]), [All]).Should().Be(new ActionResult(ActionOutcome.Applied, 4 * Page, 4 * Page, SkippedBytes: 4 * Page));
            (advice.Calls.Count, nodes.Moves.Count, group.Asked.Count).Should().Be((1, 1, 0));

            actor.Apply(new MemoryAction(SchemeAction.Reclaim) { AmountBytes = 3 * Page }, [All]).EffectBytes.Should().Be(3 * Page);
            (advice.Calls.Count, nodes.Moves.Count, group.Asked.Count).Should().Be((1, 1, 1));
            actor.ReadResident(out _).Should().Be(ActionOutcome.Applied);
        }

        (advice.IsDisposed, group.IsDisposed).Should().Be((true, true));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(100, 4)]
    public void Reclaim_asks_for_at_most_the_amount_and_at_most_what_the_ranges_hold(int amountPages, int askedPages)
    {
        using var host = NewHost();
        var group = new CgroupReclaimerTests.FakeGroup(1 << 20);
        using var actor = Actor(host, Process(host), new FlakyAdvice(), new FakeNodes(), group);

        actor.Apply(new MemoryAction(SchemeAction.Reclaim) { AmountBytes = (ulong)amountPages * Page }, [All])
            .Should().Be(new ActionResult(ActionOutcome.Applied, 8 * Page, (ulong)askedPages * Page));
        group.Asked.Should().Equal((ulong)askedPages * Page);
    }

    [Fact]
    public void Reclaim_of_ranges_that_hold_nothing_asks_for_nothing()
    {
        using var host = NewHost();
        var group = new CgroupReclaimerTests.FakeGroup(1 << 20);
        using var actor = Actor(host, Process(host), new FlakyAdvice(), new FakeNodes(), group);

        actor.Apply(new MemoryAction(SchemeAction.Reclaim) { AmountBytes = Page }, [new(A + (6 * Page), A + (8 * Page))]).Outcome.Should().Be(ActionOutcome.NoEffect);
        actor.Apply(SchemeAction.Reclaim, [All]).Outcome.Should().Be(ActionOutcome.NoEffect, "no amount is no amount");
        group.Asked.Should().BeEmpty();
    }

    [Fact]
    public void Reclaim_refuses_page_filters_because_the_kernel_chooses()
    {
        using var host = NewHost();
        var group = new CgroupReclaimerTests.FakeGroup(1 << 20);
        using var actor = Actor(host, Process(host), new FlakyAdvice(), new FakeNodes(), group);
        var filters = new PageFilters([new(SchemeFilterType.Anonymous, Matching: true, Allow: true)]);

        actor.Apply(new MemoryAction(SchemeAction.Reclaim) { AmountBytes = Page }, [All], filters).Should().Be(new ActionResult(ActionOutcome.Unsupported, 0, 0));
        actor.LastError.Should().Contain("filters");
        group.Asked.Should().BeEmpty();
    }

    [Fact]
    public void Reclaim_without_a_group_is_unsupported_and_counted_all_the_same()
    {
        using var host = NewHost();
        using var actor = Actor(host, Process(host), new FlakyAdvice(), new FakeNodes(), group: null);

        actor.Measure(SchemeAction.Reclaim, All, ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(4 * Page);
        actor.Apply(SchemeAction.Reclaim, [All]).Should().Be(new ActionResult(ActionOutcome.Unsupported, 0, 0));
        actor.LastError.Should().Be("process 42: Reclaim takes from a control group, and none was given to reclaim from");
    }

    [Theory]
    [InlineData(SchemeAction.HugePage, "huge pages")]
    [InlineData(SchemeAction.NoHugePage, "huge pages")]
    [InlineData(SchemeAction.LruPrio, "page lists")]
    [InlineData(SchemeAction.LruDeprio, "page lists")]
    public void What_user_space_cannot_do_is_counted_and_never_called(SchemeAction action, string why)
    {
        using var host = NewHost();
        var advice = new FlakyAdvice();
        using var actor = Actor(host, Process(host), advice, new FakeNodes(), group: null);

        actor.Measure(action, All, ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(5 * Page, "whatever is resident, shared pages too");
        actor.Measure(action, All, 2 * Page, out reach);
        reach.Should().Be(new Reach(A + (2 * Page), 2 * Page));
        actor.Apply(action, [All]).Should().Be(new ActionResult(ActionOutcome.Unsupported, 0, 0));
        actor.LastError.Should().StartWith($"process 42: {action}: ").And.Contain(why);
        advice.Calls.Should().BeEmpty();
    }

    [Fact]
    public void What_cannot_be_opened_is_tried_anew_at_the_next_call()
    {
        using var host = NewHost();
        var process = Process(host);
        var fails = true;
        using var actor = new TargetActor(
            ProcessMadviseActor.Open(host.Root, process.Identity, TimeProvider.System, new FlakyAdvice()).Value,
            () => fails ? HostErrors.From(-Errno.EMFILE, "/proc/42/pagemap") : PageMigrator.Open(host.Root, process.Identity, TimeProvider.System, new FakeNodes()));
        var migrate = new MemoryAction(SchemeAction.MigrateCold, [new(1)]);

        actor.Measure(migrate, All, ulong.MaxValue, out _).Should().Be(ActionOutcome.TryAgain);
        actor.Apply(migrate, [All]).Outcome.Should().Be(ActionOutcome.TryAgain);
        actor.LastError.Should().Contain("too many open files");

        fails = false;
        actor.Apply(migrate, [All]).Outcome.Should().Be(ActionOutcome.Applied);
        actor.LastError.Should().BeEmpty();
    }

    [Fact]
    public void What_is_spared_is_not_counted_either()
    {
        using var host = NewHost();
        var group = new CgroupReclaimerTests.FakeGroup(1 << 20);

        // Pages 0 to 3 anonymous, page 4 of a file, and all of them this process's own.
        var process = host.Process(42, mappings: new FakeMapping(A, A + (64 * Page))).Page(A, 1).Page(A + Page, 2).Page(A + (2 * Page), 3).Page(A + (3 * Page), 4).Page(A + (4 * Page), 5, file: true).Absent(A + (63 * Page));
        using var actor = Actor(host, process, new FlakyAdvice(), new FakeNodes(), group);

        actor.Apply(new MemoryAction(SchemeAction.Reclaim) { AmountBytes = 100 * Page, SparesAnonymous = true }, [All]).EffectBytes.Should().Be(Page);

        (group.Asked.Single(), group.Spared.Single()).Should().Be((Page, true));
    }

    [Fact]
    public void A_group_that_is_found_out_late_is_opened_when_it_is_needed_and_asked_for_until_it_is()
    {
        using var host = NewHost();
        host.Write("/sys/fs/cgroup/cgroup.controllers", "memory\n").Write("/sys/fs/cgroup/app/memory.current", "1048576\n");
        ControlGroup? known = null;
        var asked = 0;
        using var actor = new TargetActor(
            ProcessMadviseActor.Open(host.Root, Process(host).Identity, TimeProvider.System, new FlakyAdvice()).Value,
            () => throw new InvalidOperationException("Nothing is moved."),
            () =>
            {
                asked++;
                return known is { } group ? CgroupReclaimer.Open(host.Root, group) : new HostError(HostErrorKind.Unsupported, "process 42", "not known");
            });
        var action = new MemoryAction(SchemeAction.Reclaim) { AmountBytes = Page };
        actor.Apply(SchemeAction.Cold, [All]);
        asked.Should().Be(0, "whoever never reclaims needs no group");

        actor.Apply(action, [All]).Outcome.Should().Be(ActionOutcome.Unsupported);
        actor.LastError.Should().Contain("not known");

        known = new ControlGroup("/app", host.Root.Identify("/sys/fs/cgroup/app").Value);
        actor.Apply(action, [All]).Outcome.Should().Be(ActionOutcome.Unsupported, "the kernel has no memory.reclaim");
        host.Write("/sys/fs/cgroup/app/memory.reclaim", "");
        actor.Apply(action, [All]).Outcome.Should().Be(ActionOutcome.NoEffect, "nothing falls in a file of a test");
        actor.Apply(action, [All]);
        asked.Should().Be(3, "an open group stays open");
        host.ReadText("/sys/fs/cgroup/app/memory.reclaim").Should().Be("4096");
    }

    private static FakeHost NewHost() =>
        FakeHost.With(("/proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 80 kB\nSwapTotal: 100 kB\nSwapFree: 100 kB\n"), ("/sys/devices/system/node/has_memory", "0-1\n"));

    // Four own pages, a shared one, three that are not there.
    private static FakeProcess Process(FakeHost host) => host.Process(42, mappings: new FakeMapping(A, A + (64 * Page)))
        .Page(A, 1).Page(A + Page, 2).Page(A + (2 * Page), 3).Page(A + (3 * Page), 4).Page(A + (4 * Page), 5, exclusive: false).Absent(A + (63 * Page));

    private static TargetActor Actor(FakeHost host, FakeProcess process, FlakyAdvice advice, FakeNodes nodes, CgroupReclaimerTests.FakeGroup? group) => new(
        ProcessMadviseActor.Open(host.Root, process.Identity, TimeProvider.System, advice).Value,
        () => PageMigrator.Open(host.Root, process.Identity, TimeProvider.System, nodes),
        group is null ? null : () => new CgroupReclaimer("/app", group));
}

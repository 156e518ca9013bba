using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Actions;

public class PageMigratorTests
{
    private const ulong A = 0x7f00_0000_0000;
    private const ulong Page = FakeProcess.PageBytes;
    private const ulong Huge = 2 * 1024 * 1024;

    private static readonly MemoryAction ToNode1 = new(SchemeAction.MigrateCold, [new(1)]);

    private static AddressRange Pages(int first, int count) => new(A + ((ulong)first * Page), A + ((ulong)(first + count) * Page));

    private static FakeHost NewHost(string nodes = "0-1\n") => FakeHost.With(("/sys/devices/system/node/has_memory", nodes));

    private static FakeProcess WithPages(FakeHost host, int count)
    {
        var process = host.Process(42, mappings: new FakeMapping(A, A + (16 * Huge)));
        for (var i = 0; i < count; i++)
        {
            process.Page(A + ((ulong)i * Page), (ulong)i + 1);
        }

        return process;
    }

    private static PageMigrator Open(FakeHost host, FakeProcess process, FakeNodes nodes) =>
        PageMigrator.Open(host.Root, process.Identity, TimeProvider.System, nodes).Value;

    // page   0      1       2       3        4       5       6
    //        anon   shared  absent  swapped  locked  node 1  file
    private static FakeProcess Mixed(FakeHost host, FakeNodes nodes)
    {
        nodes[A + (5 * Page)] = 1;
        return host.Process(42, mappings:
        [
            new FakeMapping(A, A + (4 * Page)), new FakeMapping(A + (4 * Page), A + (5 * Page)) { LockedBytes = 4096, VmFlags = "rd wr lo" },
            new FakeMapping(A + (5 * Page), A + (6 * Page)), new FakeMapping(A + (6 * Page), A + (64 * Page), "r--p", "/data"),
        ])
            .Page(A, 1).Page(A + Page, 2, exclusive: false).Swapped(A + (3 * Page)).Page(A + (4 * Page), 4).Page(A + (5 * Page), 5).Page(A + (6 * Page), 6, file: true);
    }

    [Fact]
    public void What_could_be_moved_are_own_resident_pages_that_do_not_lie_on_their_destination()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        using var migrator = Open(host, Mixed(host, nodes), nodes);

        migrator.Measure(ToNode1, Pages(0, 8), ulong.MaxValue, default, out var reach).Should().Be(ActionOutcome.Applied);

        reach.Should().Be(new Reach(Pages(0, 8).End, 2 * Page, SharedBytes: Page, LockedBytes: Page));
        nodes.Moves.Should().BeEmpty("measuring changes nothing");
    }

    [Theory]
    [InlineData(0UL, 0, 0)]
    [InlineData(1UL, 1, 1)]
    [InlineData(Page, 1, 1)]
    [InlineData(Page + 1, 7, 2)]
    [InlineData(3 * Page, 8, 2)]
    public void Measuring_stops_behind_the_page_that_reaches_the_limit(ulong maxBytes, int endPage, int reachablePages)
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        using var migrator = Open(host, Mixed(host, nodes), nodes);

        migrator.Measure(ToNode1, Pages(0, 8), maxBytes, default, out var reach).Should().Be(ActionOutcome.Applied);

        (reach.End, reach.ReachableBytes).Should().Be((A + ((ulong)endPage * Page), (ulong)reachablePages * Page));
    }

    [Fact]
    public void Moved_is_what_lies_on_its_destination_afterwards_and_did_not_before()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        using var migrator = Open(host, Mixed(host, nodes), nodes);

        migrator.Apply(ToNode1, [Pages(0, 8)], default).Should().Be(new ActionResult(ActionOutcome.Applied, 2 * Page, 2 * Page, SkippedBytes: 6 * Page));

        nodes.Moves.Should().ContainSingle().Which.Pages.Should().Equal(A, A + (6 * Page));
        migrator.LastError.Should().BeEmpty();
        migrator.Measure(ToNode1, Pages(0, 8), ulong.MaxValue, default, out var reach);
        reach.ReachableBytes.Should().Be(0, "what was moved is there");
    }

    [Fact]
    public void What_is_there_already_is_not_asked_for_again_and_is_no_success()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        using var migrator = Open(host, WithPages(host, 4), nodes);

        migrator.Apply(new(SchemeAction.MigrateHot, [new(0)]), [Pages(0, 4)], default).Should().Be(new ActionResult(ActionOutcome.NoEffect, 0, 0, SkippedBytes: 4 * Page));

        nodes.Moves.Should().BeEmpty();
    }

    // Where pages lie, and the node that each is moved to; '-' stays. All of them are in one block, whose destination among nodes 1 and 2 is node 1.
    [Theory]
    [InlineData("0120", false, "1-11")]
    [InlineData("0120", true, "1--1")]
    [InlineData("2222", true, "----")]
    [InlineData("3003", true, "1111")] // node 3 is a destination of weight 0
    public void Where_any_destination_will_do_a_page_on_one_of_them_stays(string lies, bool anyWillDo, string moved)
    {
        using var host = NewHost("0-3\n");
        var nodes = new FakeNodes();
        for (var i = 0; i < lies.Length; i++)
        {
            nodes[A + ((ulong)i * Page)] = lies[i] - '0';
        }

        using var migrator = Open(host, WithPages(host, lies.Length), nodes);
        var action = new MemoryAction(SchemeAction.MigrateCold, [new(1), new(2), new(3, 0)]) { AnyDestinationWillDo = anyWillDo };
        migrator.Measure(action, Pages(0, lies.Length), ulong.MaxValue, default, out var reach);

        migrator.Apply(action, [Pages(0, lies.Length)], default);

        var asked = nodes.Moves.SelectMany(call => call.Pages.Zip(call.Nodes)).ToDictionary();
        string.Concat(Enumerable.Range(0, lies.Length).Select(i => asked.TryGetValue(A + ((ulong)i * Page), out var node) ? (char)('0' + node) : '-')).Should().Be(moved);
        reach.ReachableBytes.Should().Be((ulong)moved.Count(page => page != '-') * Page, "what is measured is what is moved");
    }

    [Fact]
    public void Pages_go_in_bounded_batches()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        using var migrator = Open(host, WithPages(host, 1300), nodes);

        migrator.Apply(ToNode1, [Pages(0, 700), Pages(700, 600)], default).EffectBytes.Should().Be(1300 * Page);

        nodes.Moves.Select(call => call.Pages.Length).Should().Equal(512, 188, 512, 88);
        nodes.Largest.Should().Be(IPageMoves.MaxPages);
    }

    [Fact]
    public void Several_destinations_get_blocks_of_a_huge_page_by_their_weights()
    {
        using var host = NewHost("0-3\n");
        var nodes = new FakeNodes();
        using var migrator = Open(host, WithPages(host, 4 * 512), nodes);

        migrator.Apply(new(SchemeAction.MigrateCold, [new(2, 1), new(3, 3)]), [new(A, A + (4 * Huge))], default).EffectBytes.Should().Be(4 * Huge);

        // 0x7f0000000000 / 2 MiB is a multiple of 4: the first block has slot 0.
        Enumerable.Range(0, 4).Select(block => nodes[A + ((ulong)block * Huge) + (17 * Page)]).Should().Equal(2, 3, 3, 3);
        nodes.Moves.Should().OnlyContain(call => call.Nodes.Distinct().Count() == 1, "where one page fails, the kernel gives up what is behind its run");
    }

    [Fact]
    public void A_page_of_a_file_is_placed_by_its_place_in_the_file()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        var process = host.Process(42, mappings: new FakeMapping(A, A + Huge, "r--p", "/data")).Page(A, 1, file: true).Page(A + Page, 2, file: true);
        var maps = host.ReadText(process.Path("maps"));
        host.Write(process.Path("maps"), maps.Replace(" 00000000 ", " 001ff000 ", StringComparison.Ordinal));
        using var migrator = Open(host, process, nodes);

        migrator.Apply(new(SchemeAction.MigrateCold, [new(0), new(1)]), [Pages(0, 2)], default).EffectBytes.Should().Be(Page);

        nodes.Moves.Should().ContainSingle().Which.Pages.Should().Equal([A + Page], "the file's page 511 is of block 0, its page 512 of block 1");
    }

    [Fact]
    public void A_destination_of_weight_0_may_be_missing()
    {
        using var host = NewHost();
        using var migrator = Open(host, WithPages(host, 1), new FakeNodes());

        migrator.Measure(new(SchemeAction.MigrateCold, [new(1), new(7, 0)]), Pages(0, 1), ulong.MaxValue, default, out var reach).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(Page);
    }

    [Theory]
    [InlineData("0\n")]
    [InlineData("0,2-3\n")]
    public void A_node_that_is_not_there_is_named_before_anything_is_asked_of_the_kernel(string present)
    {
        using var host = NewHost(present);
        var nodes = new FakeNodes();
        using var migrator = Open(host, WithPages(host, 1), nodes);

        migrator.Measure(ToNode1, Pages(0, 1), ulong.MaxValue, default, out var reach).Should().Be(ActionOutcome.Unsupported);
        reach.Should().Be(new Reach(A, 0));
        migrator.Apply(ToNode1, [Pages(0, 1)], default).Should().Match<ActionResult>(result => result.Outcome == ActionOutcome.Unsupported && result.AdvisedBytes == 0);
        migrator.LastError.Should().StartWith("process 42: memory node 1 is not there or has no memory; nodes with memory are 0");
        (nodes.Finds, nodes.Moves.Count).Should().Be((0, 0));
    }

    [Theory]
    [InlineData("hostile")]
    [InlineData("9999999999\n")]
    [InlineData("")]
    public void Where_the_nodes_cannot_be_read_the_kernel_says_it(string list)
    {
        using var host = NewHost(list);
        var nodes = new FakeNodes { Results = { } };
        nodes.Results.Enqueue(-Errno.ENODEV);
        using var migrator = Open(host, WithPages(host, 1), nodes);

        migrator.Apply(ToNode1, [Pages(0, 1)], default).Should().Be(new ActionResult(ActionOutcome.Unsupported, Page, 0, Errno.ENODEV));
        migrator.LastError.Should().Be("process 42: memory node 1 is not there or has no memory (error 19)");
    }

    [Theory]
    [InlineData(Errno.EBUSY, ActionOutcome.TryAgain, "4 in use by the kernel")]
    [InlineData(Errno.ENOMEM, ActionOutcome.TryAgain, "4 no room on memory node 1")]
    [InlineData(Errno.EACCES, ActionOutcome.NoEffect, "4 mapped by other processes by now")]
    [InlineData(Errno.ENOENT, ActionOutcome.NoEffect, "4 not in memory any more")]
    [InlineData(Errno.EFAULT, ActionOutcome.NoEffect, "4 not in memory any more")]
    [InlineData(Errno.EIO, ActionOutcome.NoEffect, "4 refused (error 5)")]
    [InlineData(Errno.EINVAL, ActionOutcome.NoEffect, "4 refused (error 22)")]
    public void Pages_that_stayed_are_no_success_and_say_why(int errno, ActionOutcome outcome, string why)
    {
        using var host = NewHost();
        var nodes = new FakeNodes { Keeps = (_, _) => -errno };
        using var migrator = Open(host, WithPages(host, 4), nodes);

        migrator.Apply(ToNode1, [Pages(0, 4)], default).Should().Be(new ActionResult(outcome, 4 * Page, 0));
        migrator.LastError.Should().Be($"process 42: of 4 pages 4 stayed: {why}");

        nodes.Keeps = (page, _) => page == A ? -errno : 0;
        migrator.Apply(ToNode1, [Pages(0, 4)], default).Should().Be(new ActionResult(ActionOutcome.Partial, 4 * Page, 3 * Page));
    }

    [Theory]
    [InlineData(Errno.ESRCH, ActionOutcome.Gone, "is gone")]
    [InlineData(Errno.EPERM, ActionOutcome.Denied, "CAP_SYS_PTRACE")]
    [InlineData(Errno.EACCES, ActionOutcome.Denied, "cpuset does not allow memory node 1")]
    [InlineData(Errno.ENODEV, ActionOutcome.Unsupported, "memory node 1 is not there")]
    [InlineData(Errno.ENOSYS, ActionOutcome.Unsupported, "NUMA")]
    [InlineData(Errno.ENOMEM, ActionOutcome.TryAgain, "memory node 1 has no room")]
    [InlineData(Errno.EINTR, ActionOutcome.TryAgain, "tried again")]
    [InlineData(Errno.EFAULT, ActionOutcome.Failed, "(error 14)")]
    [InlineData(Errno.EINVAL, ActionOutcome.Failed, "(error 22)")]
    public void A_call_that_fails_ends_the_action_and_what_was_done_until_then_counts(int errno, ActionOutcome outcome, string why)
    {
        using var host = NewHost();
        var nodes = new FakeNodes { MovesBeforeFailing = 3 };
        nodes.Results.Enqueue(0);
        nodes.Results.Enqueue(-errno);
        using var migrator = Open(host, WithPages(host, 1200), nodes);

        migrator.Apply(ToNode1, [Pages(0, 1200)], default).Should()
            .Match<ActionResult>(result => result.Outcome == outcome && result.Errno == errno && result.EffectBytes == 515 * Page && result.AdvisedBytes == 1024 * Page);
        migrator.LastError.Should().StartWith("process 42: ").And.Contain(why);
        nodes.Moves.Should().HaveCount(2);
    }

    [Fact]
    public void Where_asking_fails_nothing_is_moved()
    {
        using var host = NewHost();
        var nodes = new FakeNodes { FindResult = -Errno.EPERM };
        using var migrator = Open(host, WithPages(host, 4), nodes);

        migrator.Measure(ToNode1, Pages(0, 4), ulong.MaxValue, default, out _).Should().Be(ActionOutcome.Denied);
        migrator.Apply(ToNode1, [Pages(0, 4)], default).Outcome.Should().Be(ActionOutcome.Denied);
        nodes.Moves.Should().BeEmpty();
    }

    [Fact]
    public void Where_asking_fails_afterwards_nothing_counts_as_moved()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        nodes.OnMove = () => nodes.FindResult = -Errno.ESRCH;
        using var migrator = Open(host, WithPages(host, 4), nodes);

        migrator.Apply(ToNode1, [Pages(0, 4)], default).Should().Match<ActionResult>(result => result.Outcome == ActionOutcome.Gone && result.EffectBytes == 0);
    }

    [Fact]
    public void A_status_that_is_neither_a_node_nor_an_error_is_not_believed()
    {
        using var host = NewHost();
        var nodes = new FakeNodes { Keeps = (_, _) => int.MinValue };
        using var migrator = Open(host, WithPages(host, 2), nodes);

        migrator.Apply(ToNode1, [Pages(0, 2)], default).Should().Be(new ActionResult(ActionOutcome.NoEffect, 2 * Page, 0));
        migrator.LastError.Should().Contain("2 not tried");
    }

    [Fact]
    public void Another_process_or_program_under_the_pid_is_left_alone()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        var process = WithPages(host, 4);
        using var migrator = Open(host, process, nodes);
        process.Exec();

        migrator.Measure(ToNode1, Pages(0, 4), ulong.MaxValue, default, out _).Should().Be(ActionOutcome.Gone);
        migrator.Apply(ToNode1, [Pages(0, 4)], default).Outcome.Should().Be(ActionOutcome.Gone);
        (nodes.Finds, nodes.Moves.Count).Should().Be((0, 0));
        migrator.LastError.Should().Contain("another program");
    }

    [Fact]
    public void Pages_that_a_filter_holds_back_are_not_moved()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        using var migrator = Open(host, Mixed(host, nodes), nodes);
        var filters = new PageFilters([new(SchemeFilterType.Anonymous, Matching: true, Allow: false)]);

        migrator.Measure(ToNode1, Pages(0, 8), ulong.MaxValue, filters, out var reach).Should().Be(ActionOutcome.Applied);
        (reach.ReachableBytes, reach.FilteredBytes).Should().Be((Page, 4 * Page));
        migrator.Apply(ToNode1, [Pages(0, 8)], filters).EffectBytes.Should().Be(Page);
        nodes.Moves.Should().ContainSingle().Which.Pages.Should().Equal(A + (6 * Page));
    }

    [Fact]
    public void Filters_that_cannot_be_judged_let_nothing_be_moved()
    {
        using var host = NewHost();
        var nodes = new FakeNodes();
        using var migrator = Open(host, WithPages(host, 4), nodes);
        var filters = new PageFilters([new(SchemeFilterType.Active, Matching: true, Allow: false)]);

        migrator.Measure(ToNode1, Pages(0, 4), ulong.MaxValue, filters, out _).Should().NotBe(ActionOutcome.Applied);
        migrator.LastError.Should().NotBeEmpty();
        migrator.Apply(ToNode1, [Pages(0, 4)], filters).EffectBytes.Should().Be(0);
        nodes.Moves.Should().BeEmpty();
    }

    [Fact]
    public void Nothing_to_do_is_nothing_done()
    {
        using var host = NewHost();
        using var migrator = Open(host, WithPages(host, 1), new FakeNodes());

        migrator.Apply(ToNode1, [], default).Should().Be(new ActionResult(ActionOutcome.Nothing, 0, 0));
    }
}

using System.Buffers.Binary;
using CsCheck;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Regions;
using Damon.Testing;

namespace Damon.Engine.Tests.Actions;

public class PagePlacesTests
{
    private const ulong Page = FakeProcess.PageBytes;
    private const ulong A = 1 << 20;

    private readonly FakeNodes _nodes = new();
    private readonly List<PlacedRange> _found = [];

    // page   0  1  2  3  4  5       6       7
    // node   0  0  1  1  0  absent  swapped 0
    [Fact]
    public void Pages_in_memory_are_found_in_runs_of_one_node()
    {
        using var host = new FakeHost();
        var process = WithPages(host, 8).Absent(A + (5 * Page)).Swapped(A + (6 * Page));
        (_nodes[A + (2 * Page)], _nodes[A + (3 * Page)]) = (1, 1);

        Find(host, process, Pages(0, 8)).Value.Should().Be(Pages(0, 8).End);

        _found.Should().Equal(Run(0, 2, 0), Run(2, 2, 1), Run(4, 1, 0), Run(7, 1, 0));
    }

    [Fact]
    public void A_run_ends_with_its_range_where_the_next_one_does_not_follow()
    {
        using var host = new FakeHost();
        var process = WithPages(host, 8);

        Find(host, process, Pages(0, 2), Pages(3, 1), Pages(4, 2)).Value.Should().Be(Pages(0, 6).End);

        _found.Should().Equal(Run(0, 2, 0), Run(3, 3, 0));
    }

    // What the kernel says of a page that the page map had: swapped out meanwhile; the page of zeros, or unmapped meanwhile; anything else.
    [Theory]
    [InlineData(Errno.ENOENT)]
    [InlineData(Errno.EFAULT)]
    [InlineData(Errno.EBUSY)]
    public void A_page_that_has_no_node_belongs_to_no_run(int errno)
    {
        using var host = new FakeHost();
        var process = WithPages(host, 3);
        _nodes[A + Page] = -errno;

        Find(host, process, Pages(0, 3)).IsOk.Should().BeTrue();

        _found.Should().Equal(Run(0, 1, 0), Run(2, 1, 0));
    }

    [Theory]
    [InlineData(Errno.ESRCH, HostErrorKind.Vanished)]
    [InlineData(Errno.EPERM, HostErrorKind.Denied)]
    [InlineData(Errno.EACCES, HostErrorKind.Denied)]
    [InlineData(Errno.ENOSYS, HostErrorKind.Unsupported)]
    [InlineData(Errno.EINVAL, HostErrorKind.Unsupported)]
    [InlineData(Errno.ENOMEM, HostErrorKind.TryAgain)]
    [InlineData(Errno.EINTR, HostErrorKind.TryAgain)]
    [InlineData(Errno.EFAULT, HostErrorKind.Failed)]
    public void A_call_that_fails_gives_its_reason_and_no_runs(int errno, HostErrorKind expected)
    {
        using var host = new FakeHost();
        var process = WithPages(host, 1000);
        var calls = 0;
        _nodes.OnFind = () => _nodes.FindResult = ++calls == 2 ? -errno : 0;

        var error = Find(host, process, Pages(0, 1000)).Error;

        (error.Kind, error.Errno, calls).Should().Be((expected, errno, 2));
        error.ToString().Should().StartWith("process 42");
        _found.Should().BeEmpty();
    }

    [Theory]
    [InlineData("replaced")]
    [InlineData("ended")]
    [InlineData("collected")]
    [InlineData("exec")]
    public void What_was_found_while_the_pid_changed_its_meaning_is_not_given(string how)
    {
        using var host = new FakeHost();
        var process = WithPages(host, 4);
        using var places = PagePlaces.Open(host.Root, process.Identity, _nodes).Value;
        places.Find([Pages(0, 4)], _found).IsOk.Should().BeTrue();
        _nodes.OnFind = () => End(process, how);

        places.Find([Pages(0, 4)], _found).Error.Kind.Should().Be(HostErrorKind.Vanished);
        _found.Should().BeEmpty();
        var asked = _nodes.Finds;
        places.Find([Pages(0, 4)], _found).Error.Kind.Should().Be(HostErrorKind.Vanished);
        _nodes.Finds.Should().Be(asked, "the kernel is not asked about a stranger");
    }

    [Fact]
    public void A_process_that_is_another_one_by_now_is_not_opened()
    {
        using var host = new FakeHost();
        var process = WithPages(host, 1);

        PagePlaces.Open(host.Root, new ProcessIdentity(42, process.StartTimeTicks - 1), _nodes).Error.Kind.Should().Be(HostErrorKind.Vanished);
        PagePlaces.Open(host.Root, new ProcessIdentity(43, 1), _nodes).Error.Kind.Should().Be(HostErrorKind.Vanished);
    }

    [Fact]
    public void Address_space_that_is_gone_or_was_never_there_has_no_pages()
    {
        using var host = new FakeHost();
        var process = WithPages(host, 4);

        Find(host, process, Pages(2, 100), Pages(500, 10)).Value.Should().Be(Pages(500, 10).End);

        _found.Should().Equal(Run(2, 2, 0));
    }

    [Fact]
    public void The_kernel_is_asked_in_bounded_batches_and_not_about_holes()
    {
        using var host = new FakeHost();
        var process = WithPages(host, 512 + 512 + 100);
        for (var i = 512UL; i < 1024; i++)
        {
            process.Absent(A + (i * Page));
        }

        Find(host, process, Pages(0, 1124)).IsOk.Should().BeTrue();

        (_nodes.Finds, _nodes.Largest).Should().Be((2, IPageMoves.MaxPages));
    }

    [Fact]
    public void A_look_asks_about_a_bounded_number_of_pages_and_says_where_the_next_one_begins()
    {
        using var host = new FakeHost();
        var count = PagePlaces.MaxPages + 1500;
        var process = WithPages(host, count);

        var end = Find(host, process, Pages(0, 300), Pages(1000, count - 1000)).Value;

        var found = _found.Aggregate(0UL, (sum, run) => sum + run.Range.SizeBytes) / Page;
        found.Should().BeInRange(PagePlaces.MaxPages - 511, PagePlaces.MaxPages);
        end.Should().Be(_found[^1].Range.End);
        Find(host, process, new AddressRange(end, Pages(0, count).End)).Value.Should().Be(Pages(0, count).End);
        _found.Should().Equal(new PlacedRange(new AddressRange(end, Pages(0, count).End), 0));
    }

    [Fact]
    public void A_look_passes_over_a_bounded_number_of_holes_and_says_where_the_next_one_begins()
    {
        using var host = new FakeHost();
        var process = host.Process(42).Page(A, 1).Page(A + ((ulong)PagePlaces.MaxEntries * Page), 2);

        var end = Find(host, process, Pages(0, PagePlaces.MaxEntries + 1)).Value;

        end.Should().Be(Pages(0, PagePlaces.MaxEntries).End);
        _found.Should().Equal(Run(0, 1, 0));
    }

    [Fact]
    public void A_look_gives_a_bounded_number_of_runs_and_says_where_the_next_one_begins()
    {
        using var host = new FakeHost();
        var count = PagePlaces.MaxRuns + 3;
        var process = WithPages(host, count);
        for (var i = 0; i < count; i++)
        {
            _nodes[A + ((ulong)i * Page)] = i % 2;
        }

        Find(host, process, Pages(0, count)).Value.Should().Be(Pages(0, PagePlaces.MaxRuns).End);
        _found.Should().HaveCount(PagePlaces.MaxRuns);
        Find(host, process, Pages(PagePlaces.MaxRuns, 3)).Value.Should().Be(Pages(0, count).End);
        _found.Should().HaveCount(3);
    }

    /// <summary>Page by page: each page in memory with a node is in exactly one run, of its node, and no other page is in any.</summary>
    [Fact]
    public void Runs_are_exactly_the_pages_that_are_in_memory() =>
        Gen.Int[-1, 2].Array[1, 64].Sample(pages =>
        {
            using var host = new FakeHost();
            var process = WithPages(host, pages.Length);
            var nodes = new FakeNodes();
            for (var i = 0; i < pages.Length; i++)
            {
                if (pages[i] == -1)
                {
                    process.Absent(A + ((ulong)i * Page));
                }

                // 2 stands for a page that has gone since.
                nodes[A + ((ulong)i * Page)] = pages[i] == 2 ? -Errno.ENOENT : pages[i];
            }

            using var places = PagePlaces.Open(host.Root, process.Identity, nodes).Value;
            var found = new List<PlacedRange>();
            places.Find([Pages(0, pages.Length)], found).IsOk.Should().BeTrue();
            var seen = Enumerable.Repeat(-1, pages.Length).ToArray();
            foreach (var run in found)
            {
                for (var page = (int)((run.Range.Start - A) / Page); page < (int)((run.Range.End - A) / Page); page++)
                {
                    seen[page].Should().Be(-1);
                    seen[page] = run.Node;
                }
            }

            seen.Should().Equal(pages.Select(node => node == 2 ? -1 : node));
            found.Zip(found.Skip(1)).All(pair => pair.First.Range.End < pair.Second.Range.Start || pair.First.Node != pair.Second.Node).Should().BeTrue();
        }, iter: 100);

    [Fact]
    public void A_tree_that_shows_other_processes_than_the_kernel_has_is_not_asked_about()
    {
        using var host = new FakeHost();
        var process = host.Process(Environment.ProcessId, startTimeTicks: 1);

        PagePlaces.Open(host.Root, process.Identity).Error.Kind.Should().Be(HostErrorKind.Unsupported);
        process.Vanish();
        PagePlaces.Open(host.Root, process.Identity).Error.Kind.Should().Be(HostErrorKind.Vanished);
    }

    private static void End(FakeProcess process, string how)
    {
        switch (how)
        {
            case "replaced":
                process.BeReplaced(process.StartTimeTicks + 1);
                break;
            case "ended":
                process.BecomeZombie();
                break;
            case "collected":
                process.Vanish();
                break;
            default:
                process.Exec();
                break;
        }
    }

    private static AddressRange Pages(int first, int count) => new(A + ((ulong)first * Page), A + ((ulong)(first + count) * Page));

    private static PlacedRange Run(int first, int count, int node) => new(Pages(first, count), node);

    /// <summary>All in memory.</summary>
    private static FakeProcess WithPages(FakeHost host, int count)
    {
        var process = host.Process(42);
        var entries = new byte[count * sizeof(ulong)];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entries.AsSpan(i * sizeof(ulong)), (1UL << 63) | ((uint)i + 1));
        }

        host.WriteAt(process.Path("pagemap"), (long)(A / Page * sizeof(ulong)), entries);
        return process;
    }

    private HostResult<ulong> Find(FakeHost host, FakeProcess process, params ReadOnlySpan<AddressRange> ranges)
    {
        using var places = PagePlaces.Open(host.Root, process.Identity, _nodes).Value;
        return places.Find(ranges, _found);
    }
}

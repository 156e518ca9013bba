using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Testing;

namespace Damon.Engine.Tests.Probes;

public class IdlePageProbeTests
{
    private const ulong A = 0x7f00_0000_0000;
    private const ulong Page = FakeProcess.PageBytes;
    private const ulong Head = (1UL << 5) | (1UL << 15);
    private const ulong Tail = 1UL << 16;

    private static FakeHost NewHost(bool flags = true) => new FakeHost().IdlePages(2048, flags);

    private static FakeProcess NewProcess(FakeHost host) => host.Process(42, mappings: new FakeMapping(A, A + (64 * Page)));

    private static IdlePageProbe Open(FakeHost host, FakeProcess process) => IdlePageProbe.Open(host.Root, process.Identity).Value;

    private static AccessObservation[] Check(IdlePageProbe probe, params ulong[] addresses)
    {
        var seen = new AccessObservation[addresses.Length];
        probe.Check(addresses, addresses.Select(a => a + Page).ToArray(), addresses, seen).Should().Be(ProbeOutcome.Ok, probe.LastError);
        return seen;
    }

    [Fact]
    public void Adjacent_mappings_become_one_range_and_a_gap_however_small_parts_them()
    {
        using var host = NewHost();
        var process = host.Process(42, mappings:
        [
            new FakeMapping(A, A + Page), new FakeMapping(A + Page, A + (3 * Page), "r--p", "/lib/x"), new FakeMapping(A + (3 * Page), A + (4 * Page), "---p"),
            new FakeMapping(A + (4 * Page), A + (5 * Page)), new FakeMapping(A + (6 * Page), A + (7 * Page)), new FakeMapping(A + (7 * Page), A + (8 * Page), "r--p", "[vvar]"),
        ]);
        using var probe = Open(host, process);
        var ranges = new AddressRangeList();
        probe.ReadAddressSpace(ranges).Should().Be(ProbeOutcome.Ok);
        ranges.Ranges.ToArray().Should().Equal(new AddressRange(A, A + (3 * Page)), new AddressRange(A + (4 * Page), A + (5 * Page)), new AddressRange(A + (6 * Page), A + (7 * Page)));
    }

    [Fact]
    public void Sampled_pages_are_marked_and_only_those_accessed_since_are_seen()
    {
        using var host = NewHost();
        // Two frames in one word, one in another, in an order unlike that of the addresses.
        var process = NewProcess(host).Page(A, 700).Page(A + Page, 5).Page(A + (2 * Page), 7);
        using var probe = Open(host, process);
        probe.Prepare([A, A + Page, A + (2 * Page), A + (3 * Page)]).Should().Be(ProbeOutcome.Ok);
        (host.IsIdle(700), host.IsIdle(5), host.IsIdle(7), host.IsIdle(6), host.IsIdle(0)).Should().Be((true, true, true, false, false));
        host.Access(7);
        Check(probe, A, A + Page, A + (2 * Page), A + (3 * Page)).Should().Equal(
            AccessObservation.NotAccessed, AccessObservation.NotAccessed, AccessObservation.Accessed, AccessObservation.NotAccessed);
    }

    [Fact]
    public void A_page_of_a_large_folio_is_asked_through_the_folio_s_first_page()
    {
        using var host = NewHost().Flags(512, Head);
        for (var frame = 513UL; frame < 1024; frame++)
        {
            host.Flags(frame, Tail);
        }

        var process = NewProcess(host).Page(A, 1023).Page(A + Page, 513);
        using var probe = Open(host, process);
        probe.Prepare([A, A + Page]).Should().Be(ProbeOutcome.Ok);
        (host.IsIdle(512), host.IsIdle(1023), host.IsIdle(513)).Should().Be((true, false, false));
        Check(probe, A, A + Page).Should().Equal(AccessObservation.NotAccessed, AccessObservation.NotAccessed);
        host.Access(512);
        Check(probe, A, A + Page).Should().Equal(AccessObservation.Accessed, AccessObservation.Accessed);
    }

    [Fact]
    public void Every_page_of_a_folio_of_any_order_and_place_is_asked_through_its_own_folio_s_first_page()
    {
        using var host = NewHost();

        // A block of 512 frames that is not the first, cut into folios as the kernel's allocator does it: each aligned to its size, neighbours of all orders, small pages between them.
        (ulong First, ulong Frames)[] folios = [(512, 256), (768, 128), (896, 1), (897, 1), (898, 2), (900, 4), (904, 8), (912, 16), (928, 32), (960, 64), (1024, 512), (1536, 1)];
        foreach (var (first, frames) in folios)
        {
            host.Flags(first, frames == 1 ? 1UL << 5 : Head);
            for (var frame = first + 1; frame < first + frames; frame++)
            {
                host.Flags(frame, Tail);
            }
        }

        var process = NewProcess(host);
        using var probe = Open(host, process);
        foreach (var (first, frames) in folios)
        {
            for (var frame = first; frame < first + frames; frame++)
            {
                process.Page(A, frame);
                probe.Prepare([A]).Should().Be(ProbeOutcome.Ok);
                host.MarkedFrames().Should().Equal(first);
                host.Access(first);
            }
        }
    }

    [Fact]
    public void A_tail_in_a_block_without_a_head_is_left_alone()
    {
        using var host = NewHost();
        for (var frame = 512UL; frame < 1536; frame++)
        {
            // A folio larger than a block: only pages of the huge-page file system come so large, and those cannot be marked.
            host.Flags(frame, frame == 512 ? Head | (1UL << 17) : Tail);
        }

        using var probe = Open(host, NewProcess(host).Page(A, 1535).Page(A + Page, 1024));
        probe.Prepare([A, A + Page]).Should().Be(ProbeOutcome.Ok);
        host.MarkedFrames().Should().BeEmpty();
    }

    [Theory]
    [InlineData(0UL, "not on the page lists")]
    [InlineData((1UL << 5) | (1UL << 17), "of the huge-page file system")]
    [InlineData(1UL << 16, "a tail without a head: the folio was split meanwhile")]
    public void A_page_that_cannot_carry_a_mark_is_left_alone_and_not_called_accessed(ulong flags, string why)
    {
        using var host = NewHost().Flags(9, flags);
        using var probe = Open(host, NewProcess(host).Page(A, 9));
        probe.Prepare([A]).Should().Be(ProbeOutcome.Ok);
        host.IsIdle(9).Should().BeFalse(why);
        Check(probe, A).Should().Equal(AccessObservation.NotAccessed);
    }

    [Fact]
    public void Without_page_flags_small_pages_work_and_a_folio_s_pages_read_as_accessed()
    {
        using var host = NewHost(flags: false);
        using var probe = Open(host, NewProcess(host).Page(A, 9).Page(A + Page, 10));
        probe.Limitation.Should().Contain("kpageflags");
        probe.Prepare([A, A + Page]).Should().Be(ProbeOutcome.Ok);
        host.Access(10); // The kernel never keeps a tail page's own mark.
        Check(probe, A, A + Page).Should().Equal(AccessObservation.NotAccessed, AccessObservation.Accessed);
    }

    [Fact]
    public void A_page_with_another_frame_answers_by_that_frame()
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 9).Absent(A + Page).Page(A + (2 * Page), 11);
        using var probe = Open(host, process);
        probe.Prepare([A, A + Page, A + (2 * Page)]).Should().Be(ProbeOutcome.Ok);
        process.Page(A, 20).Page(A + Page, 21).Swapped(A + (2 * Page));
        Check(probe, A, A + Page, A + (2 * Page)).Should().Equal(
            [AccessObservation.Accessed, AccessObservation.Accessed, AccessObservation.NotAccessed], "copied on write, faulted in, paged out");
    }

    [Fact]
    public void Hidden_frame_numbers_are_a_missing_right_with_its_remedy()
    {
        using var host = NewHost();
        using var probe = Open(host, NewProcess(host).Page(A, 0));
        probe.Prepare([A]).Should().Be(ProbeOutcome.Denied);
        probe.LastError.Should().Contain("CAP_SYS_ADMIN");
    }

    [Fact]
    public void A_frame_beyond_the_bitmap_is_no_failure()
    {
        using var host = NewHost();
        using var probe = Open(host, NewProcess(host).Page(A, 1UL << 40).Page(A + Page, 9));
        probe.Prepare([A, A + Page]).Should().Be(ProbeOutcome.Ok);
        host.IsIdle(9).Should().BeTrue();
        Check(probe, A, A + Page).Should().Equal(AccessObservation.NotAccessed, AccessObservation.NotAccessed);
    }

    [Fact]
    public void A_kernel_without_idle_page_tracking_is_unsupported()
    {
        using var host = new FakeHost();
        IdlePageProbe.Open(host.Root, NewProcess(host).Identity).Error.Should().Match<HostError>(e => e.Kind == HostErrorKind.Unsupported && e.Detail.Contains("CONFIG_IDLE_PAGE_TRACKING"));
    }

    [Theory]
    [InlineData("exec")]
    [InlineData("zombie")]
    [InlineData("gone")]
    public void A_process_that_is_no_longer_the_one_ends_the_target(string what)
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 9);
        using var probe = Open(host, process);
        switch (what)
        {
            case "exec":
                // The held pagemap belongs to the old address space and gives nothing.
                process.Exec();
                host.Write("/proc/42/pagemap", "");
                break;
            case "zombie":
                process.BecomeZombie();
                break;
            default:
                process.Vanish();
                break;
        }

        probe.ReadAddressSpace(new AddressRangeList()).Should().Be(ProbeOutcome.Gone);
        probe.Prepare([A]).Should().Be(ProbeOutcome.Gone);
        probe.Check([A], [A + Page], [A], new AccessObservation[1]).Should().Be(ProbeOutcome.Gone);
        probe.LastError.Should().Contain("/proc/42");
    }

    [Fact]
    public void A_pass_allocates_nothing()
    {
        using var host = NewHost();
        var process = NewProcess(host);
        var addresses = Enumerable.Range(0, 60).Select(i => A + ((ulong)i * Page)).ToArray();
        foreach (var address in addresses)
        {
            process.Page(address, ((address - A) / Page * 13 % 2000) + 1);
        }

        using var probe = Open(host, process);
        var ends = addresses.Select(a => a + Page).ToArray();
        var seen = new AccessObservation[addresses.Length];
        Allocations.Of(() =>
        {
            probe.Prepare(addresses);
            probe.Check(addresses, ends, addresses, seen);
        }).Should().Be(0);
        seen.Should().AllBeEquivalentTo(AccessObservation.NotAccessed);
    }
}

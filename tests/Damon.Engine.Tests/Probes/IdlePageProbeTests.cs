using CsCheck;
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
    public void One_more_probe_brings_no_buffers_of_its_own()
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 700);
        ulong[] addresses = [.. Enumerable.Range(0, 64).Select(page => A + ((ulong)page * Page))];
        Allocations.Of(() =>
        {
            using var probe = Open(host, process);
            probe.Prepare(addresses);
        }).Should().BeLessThan(4 << 10, "a node has thousands of processes, and a buffer for the words of a call alone is 4 KiB");
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

    [Fact]
    public void Pages_whose_marks_lie_in_one_word_cost_one_write_and_one_read()
    {
        using var host = NewHost();
        var process = NewProcess(host);
        var addresses = Enumerable.Range(0, 64).Select(i => A + ((ulong)i * Page)).ToArray();
        foreach (var address in addresses)
        {
            // All 64 frames of the word, in an order unlike that of the addresses.
            process.Page(address, 640 + ((address - A) / Page * 37 % 64));
        }

        using var probe = Open(host, process);
        probe.Prepare(addresses).Should().Be(ProbeOutcome.Ok);
        probe.Calls.Should().Be(new IdlePageCalls(PagemapReads: 1, FlagReads: 1, BitmapReads: 0, BitmapWrites: 1));
        host.MarkedFrames().Should().Equal(Enumerable.Range(640, 64).Select(f => (ulong)f));
        host.Access(650);
        Check(probe, addresses).Count(seen => seen == AccessObservation.Accessed).Should().Be(1);
        probe.Calls.Should().Be(new IdlePageCalls(PagemapReads: 2, FlagReads: 2, BitmapReads: 1, BitmapWrites: 1));
    }

    [Theory]
    [InlineData(16UL, 3UL, 1, 1, 1, "the reach of each file: one read")]
    [InlineData(17UL, 3UL, 2, 1, 1, "one page more")]
    [InlineData(16UL, 4UL, 1, 2, 1, "one frame more")]
    [InlineData(1UL, 64UL, 1, 2, 1, "words side by side")]
    [InlineData(1UL, 128UL, 1, 2, 2, "a word between them: the kernel would look at 64 frames nobody asked for")]
    public void Neighbours_share_a_call_up_to_the_reach_of_their_file(ulong pages, ulong frames, int pagemapReads, int flagReads, int words, string why)
    {
        using var host = NewHost();
        using var probe = Open(host, NewProcess(host).Page(A, 64).Page(A + (pages * Page), 64 + frames));
        probe.Prepare([A, A + (pages * Page)]).Should().Be(ProbeOutcome.Ok);
        probe.Calls.Should().Be(new IdlePageCalls(pagemapReads, flagReads, 0, words), why);
        Check(probe, A, A + (pages * Page)).Should().Equal(AccessObservation.NotAccessed, AccessObservation.NotAccessed);
        probe.Calls.Should().Be(new IdlePageCalls(2 * pagemapReads, 2 * flagReads, words, words), why);
        host.MarkedFrames().Should().Equal(64, 64 + frames);
    }

    [Fact]
    public void A_call_is_a_page_of_words_at_the_most()
    {
        // Every tenth page of 12,288, each in a word of its own and the words side by side.
        using var host = new FakeHost().IdlePages(2 * 1300 * 64, flags: false);
        var process = host.Process(42, mappings: new FakeMapping(A, A + (16_384 * Page)));
        var addresses = Enumerable.Range(0, 1200).Select(i => A + ((ulong)i * 10 * Page)).ToArray();
        for (var i = 0; i < addresses.Length; i++)
        {
            process.Page(addresses[i], ((ulong)i + 1) * 64);
        }

        using var probe = Open(host, process);
        probe.Prepare(addresses).Should().Be(ProbeOutcome.Ok);
        probe.Calls.Should().Be(new IdlePageCalls(PagemapReads: 24, FlagReads: 0, BitmapReads: 0, BitmapWrites: 3), "512 entries hold 52 pages, and 1,200 words three times 512");
        Check(probe, addresses).Should().OnlyContain(seen => seen == AccessObservation.NotAccessed);
    }

    [Fact]
    public void Marks_beyond_the_bitmap_s_end_read_as_accessed()
    {
        // The bitmap of 1,984 frames ends with word 30, in the middle of a run of words.
        using var host = new FakeHost().IdlePages(1984, flags: false);
        using var probe = Open(host, NewProcess(host).Page(A, 1930).Page(A + Page, 1983).Page(A + (2 * Page), 1984).Page(A + (3 * Page), 2050));
        Check(probe, A, A + Page, A + (2 * Page), A + (3 * Page)).Should().OnlyContain(seen => seen == AccessObservation.Accessed);
        probe.Calls.BitmapReads.Should().Be(2, "the run, and what was left of it");
    }

    [Fact]
    public void A_pagemap_that_ends_early_is_taken_up_again_where_it_ended()
    {
        using var host = NewHost();

        // The file ends behind the second page: beyond it there is no such address.
        using var probe = Open(host, NewProcess(host).Page(A, 7).Page(A + Page, 8));
        probe.Prepare([A, A + Page, A + (2 * Page), A + (3 * Page)]).Should().Be(ProbeOutcome.Ok);
        host.MarkedFrames().Should().Equal(7, 8);
    }

    [Fact]
    public void Many_pages_together_are_marked_and_seen_as_each_by_itself() => Gen.Select(Gen.ULong[0, 4095], Gen.ULong[1, 2047], Gen.Int[0, 5]).List[1, 60].Sample(pages =>
    {
        using var host = NewHost();
        var process = host.Process(42, mappings: new FakeMapping(A, A + (4096 * Page)));

        // Blocks of 16 frames: some are folios of 16, some of 4, some small pages, some not on the lists.
        for (var frame = 0UL; frame < 2048; frame++)
        {
            host.Flags(frame, (frame / 16 % 4) switch
            {
                0 => frame % 16 == 0 ? Head : Tail,
                1 => frame % 4 == 0 ? Head : Tail,
                2 => 1UL << 5,
                _ => 0,
            });
        }

        foreach (var (page, frame, kind) in pages)
        {
            _ = kind switch
            {
                0 => process.Absent(A + (page * Page)),
                1 => process.Swapped(A + (page * Page)),
                _ => process.Page(A + (page * Page), frame),
            };
        }

        var addresses = pages.Select(p => A + (p.Item1 * Page)).Distinct().Order().ToArray();
        using var probe = Open(host, process);
        var marked = new SortedSet<ulong>();
        foreach (var address in addresses)
        {
            // The fake's bitmap keeps only the latest write of a word.
            probe.Prepare([address]).Should().Be(ProbeOutcome.Ok);
            marked.UnionWith(host.MarkedFrames());
            host.IdlePages(2048, flags: false);
        }

        probe.Prepare(addresses).Should().Be(ProbeOutcome.Ok);
        host.MarkedFrames().Should().Equal(marked);
        foreach (var frame in marked.Where((_, i) => i % 3 == 0))
        {
            host.Access(frame);
        }

        Check(probe, addresses).Should().Equal(addresses.Select(a => Check(probe, a)[0]));
    }, iter: 20);
}

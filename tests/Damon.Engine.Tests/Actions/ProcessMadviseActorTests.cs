using System.IO.MemoryMappedFiles;
using CsCheck;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

#pragma warning disable RS0030 // One test maps a file of its own.

namespace Damon.Engine.Tests.Actions;

public class ProcessMadviseActorTests
{
    private const ulong A = 0x7f00_0000_0000;
    private const ulong Page = FakeProcess.PageBytes;
    private const ulong Huge = 2 * 1024 * 1024;

    private static AddressRange Pages(int first, int count) => new(A + ((ulong)first * Page), A + ((ulong)(first + count) * Page));

    private static FakeHost NewHost(ulong swapFreeKilobytes) =>
        FakeHost.With(("/proc/meminfo", $"MemTotal: 100 kB\nMemAvailable: 80 kB\nSwapTotal: 100 kB\nSwapFree: {swapFreeKilobytes} kB\n"));

    private static FakeProcess NewProcess(FakeHost host) => host.Process(42, mappings: new FakeMapping(A, A + (16 * Huge)));

    private static ProcessMadviseActor Open(FakeHost host, FakeProcess process, IProcessMemoryAdvice? advice = null) =>
        ProcessMadviseActor.Open(host.Root, process.Identity, TimeProvider.System, advice ?? new FlakyAdvice()).Value;

    // page     0     1        2      3         4        5
    //          anon  shared   file   absent    swapped  anon
    private static FakeProcess Mixed(FakeHost host) =>
        host.Process(42, mappings: [new FakeMapping(A, A + (2 * Page)), new FakeMapping(A + (2 * Page), A + (3 * Page), "r--p", "/data"), new FakeMapping(A + (3 * Page), A + (64 * Page))])
            .Page(A, 1).Page(A + Page, 2, exclusive: false).Page(A + (2 * Page), 3, file: true).Swapped(A + (4 * Page)).Page(A + (5 * Page), 4);

    [Fact]
    public void One_more_actor_brings_no_buffers_of_its_own()
    {
        using var host = NewHost(100);
        var process = Mixed(host);
        Allocations.Of(() =>
        {
            using var actor = Open(host, process);
            actor.Measure(SchemeAction.Pageout, Pages(0, 8), ulong.MaxValue, out _);
        }).Should().BeLessThan(16 << 10, "a node has thousands of processes, and a buffer for page-map entries alone is 32 KiB");
    }

    [Theory]
    [InlineData(SchemeAction.Pageout, 100, 3, 0, 1)]
    [InlineData(SchemeAction.Cold, 100, 3, 0, 1)]
    [InlineData(SchemeAction.Pageout, 0, 1, 2, 1)]
    [InlineData(SchemeAction.WillNeed, 0, 1, 0, 0)]
    [InlineData(SchemeAction.Stat, 0, 8, 0, 0)]
    public void What_an_action_could_reach_is_counted_page_by_page(SchemeAction action, int swapFree, int reachable, int noSwap, int shared)
    {
        using var host = NewHost((ulong)swapFree);
        using var actor = Open(host, Mixed(host));
        actor.Measure(action, Pages(0, 8), ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(Pages(0, 8).End, (ulong)reachable * Page, (ulong)noSwap * Page, (ulong)shared * Page));
    }

    [Theory]
    [InlineData(SchemeAction.Pageout, 0UL, 0, 0)]
    [InlineData(SchemeAction.Pageout, 1UL, 1, 1)]
    [InlineData(SchemeAction.Pageout, 2 * Page, 3, 2)]
    [InlineData(SchemeAction.Pageout, (2 * Page) + 1, 6, 3)]
    [InlineData(SchemeAction.Stat, 1UL, 1, 1)]
    [InlineData(SchemeAction.Stat, 3 * Page, 3, 3)]
    public void Measuring_stops_behind_the_page_that_reaches_the_limit(SchemeAction action, ulong maxBytes, int endPage, int reachablePages)
    {
        using var host = NewHost(100);
        using var actor = Open(host, Mixed(host));
        actor.Measure(action, Pages(0, 8), maxBytes, out var reach).Should().Be(ActionOutcome.Applied);
        (reach.End, reach.ReachableBytes).Should().Be((A + ((ulong)endPage * Page), (ulong)reachablePages * Page));
    }

    [Fact]
    public void Locked_device_and_shared_memory_are_told_apart()
    {
        using var host = NewHost(0);
        var process = host.Process(42, mappings:
        [
            new FakeMapping(A, A + Page) { LockedBytes = 4096, VmFlags = "rd wr lo" },
            new FakeMapping(A + Page, A + (2 * Page), "rw-s", "/dev/nvidia0"),
            new FakeMapping(A + (2 * Page), A + (3 * Page), "rw-s", "/memfd:x (deleted)"),
            new FakeMapping(A + (3 * Page), A + (4 * Page), "r--s", "/data"),
        ]);
        for (var i = 0; i < 4; i++)
        {
            process.Page(A + ((ulong)i * Page), (ulong)i + 1, file: i >= 2);
        }

        using var actor = Open(host, process);
        actor.Measure(SchemeAction.Pageout, Pages(0, 4), ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(Pages(0, 4).End, Page, NoSwapBytes: Page, SharedBytes: 0, LockedBytes: 2 * Page));
    }

    [Fact]
    public void Collapse_reaches_what_is_resident_in_whole_aligned_huge_pages()
    {
        using var host = NewHost(0);
        var process = NewProcess(host);
        for (var i = 0; i < 3; i++)
        {
            process.Page(A + ((ulong)i * Huge), 100 + (ulong)i).Page(A + ((ulong)i * Huge) + (7 * Page), 200 + (ulong)i);
        }

        using var actor = Open(host, process);
        actor.Measure(SchemeAction.Collapse, new AddressRange(A + Page, A + (3 * Huge) + Page), ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(A + (3 * Huge) + Page, 4 * Page));
        actor.Measure(SchemeAction.Collapse, new AddressRange(A, A + (3 * Huge)), 1, out reach).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(A + Huge, 2 * Page));
    }

    [Fact]
    public void A_page_out_is_judged_by_the_pages_that_left()
    {
        using var host = NewHost(100);
        var process = Mixed(host);
        using var actor = Open(host, process, new FlakyAdvice { Effect = _ => process.Swapped(A).Absent(A + (2 * Page)) });
        actor.Apply(SchemeAction.Pageout, [Pages(0, 8)]).Should().Be(new ActionResult(ActionOutcome.Applied, 8 * Page, 2 * Page));
    }

    [Fact]
    public void A_page_out_that_is_accepted_and_takes_nothing_names_the_right_that_may_be_missing()
    {
        using var host = NewHost(100);
        using var actor = Open(host, Mixed(host), new FlakyAdvice());
        actor.Apply(SchemeAction.Pageout, [Pages(0, 8)]).Should().Be(new ActionResult(ActionOutcome.NoEffect, 8 * Page, 0));
        actor.LastError.Should().StartWith("process 42: the kernel accepted Pageout and nothing has gone").And.Contain("CAP_FOWNER");
        actor.Apply(SchemeAction.Stat, [Pages(0, 8)]);
        actor.LastError.Should().BeEmpty();
    }

    [Theory]
    [InlineData(0UL, true, "freed, and nobody uses the frame")]
    [InlineData(1UL << 10, true, "freed, and with the allocator")]
    [InlineData((1UL << 5) | (1UL << 13), true, "shared memory in the swap cache, on its way out")]
    [InlineData((1UL << 5) | (1UL << 12), true, "freed, and anonymous memory of somebody by now")]
    [InlineData(1UL << 5, false, "in the page cache: dirty, or of a large folio that was cut")]
    [InlineData((1UL << 5) | (1UL << 16), false, "in the page cache as part of a large folio")]
    public void A_file_page_that_was_only_unmapped_has_not_left_memory(ulong flagsAfter, bool hasLeft, string why)
    {
        using var host = NewHost(100).IdlePages(64);
        var process = Mixed(host);
        using var actor = Open(host, process, new FlakyAdvice
        {
            Effect = _ =>
            {
                process.Swapped(A).Absent(A + (2 * Page));
                host.Flags(3, flagsAfter);
            },
        });
        actor.Apply(SchemeAction.Pageout, [Pages(0, 8)]).EffectBytes.Should().Be(hasLeft ? 2 * Page : Page, why);
    }

    [Fact]
    public void A_file_page_that_is_still_mapped_is_counted_once()
    {
        using var host = NewHost(100).IdlePages(4096);
        var process = NewProcess(host);
        for (var page = 0; page < 600; page++)
        {
            // Frames against the order of addresses, one run of more than a block, with a hole in it.
            process.Page(A + ((ulong)page * Page), 2000 - (ulong)page - (page < 300 ? 0UL : 1UL), file: true);
        }

        using var actor = Open(host, process, new FlakyAdvice
        {
            Effect = _ =>
            {
                for (var page = 0; page < 600; page += 3)
                {
                    // Of each three: one stays mapped, one is freed, one is only unmapped.
                    process.Absent(A + ((ulong)(page + 1) * Page)).Absent(A + ((ulong)(page + 2) * Page));
                    host.Flags(2000 - (ulong)(page + 1) - (page + 1 < 300 ? 0UL : 1UL), 0);
                }
            },
        });
        actor.Apply(SchemeAction.Pageout, [Pages(0, 600)]).Should().Be(new ActionResult(ActionOutcome.Applied, 600 * Page, 200 * Page));
    }

    // A file of large folios: frames F.. hold a folio of so many pages each; the process maps them in a row.
    private static FakeProcess OfFolios(FakeHost host, int pagesOfFolio, int folios)
    {
        var process = host.Process(42, mappings: new FakeMapping(A, A + ((ulong)(pagesOfFolio * folios) * Page), "r--s", "/data"));
        for (var page = 0; page < pagesOfFolio * folios; page++)
        {
            var frame = (ulong)(pagesOfFolio + page);
            process.Page(A + ((ulong)page * Page), frame, file: true);
            host.Flags(frame, (1UL << 5) | (page % pagesOfFolio == 0 ? 1UL << 15 : 1UL << 16));
        }

        return process;
    }

    [Theory]
    [InlineData(8, 0, 8, 0, 8, "a folio and its borders")]
    [InlineData(8, 0, 16, 0, 16, "two of them")]
    [InlineData(8, 0, 9, 0, 16, "the second is begun, and goes whole")]
    [InlineData(8, 1, 15, 8, 8, "the first began before, and is of the range before")]
    [InlineData(8, 3, 7, 8, 8, "both")]
    [InlineData(8, 3, 4, 0, 0, "the inside of one: it goes with its first page")]
    [InlineData(8, 7, 1, 0, 0, "its end")]
    [InlineData(8, 0, 1, 0, 8, "its first page")]
    [InlineData(512, 500, 600, 512, 1024, "as large as a huge page")]
    [InlineData(1, 3, 4, 3, 4, "small pages have no borders")]
    public void A_large_folio_of_a_file_goes_whole_or_not_at_all(int pagesOfFolio, int first, int count, int firstAdvised, int countAdvised, string why)
    {
        using var host = NewHost(100).IdlePages(pagesOfFolio * 5);
        var process = OfFolios(host, pagesOfFolio, folios: pagesOfFolio == 1 ? 16 : 4);
        if (pagesOfFolio == 1)
        {
            for (var frame = 0; frame < 17; frame++)
            {
                host.Flags((ulong)frame, 1UL << 5);
            }
        }

        var fake = new FlakyAdvice();
        using var actor = Open(host, process, fake);
        actor.Measure(SchemeAction.Pageout, Pages(first, count), ulong.MaxValue, out _);
        var result = actor.Apply(SchemeAction.Pageout, [Pages(first, count)]);
        if (countAdvised == 0)
        {
            result.Should().Be(new ActionResult(ActionOutcome.Nothing, 0, 0), why);
            fake.Calls.Should().BeEmpty(why);
        }
        else
        {
            result.Should().Be(new ActionResult(ActionOutcome.NoEffect, (ulong)count * Page, 0), why);
            fake.Calls.Should().ContainSingle(why).Which.Should().Equal([Pages(firstAdvised, countAdvised)], why);
        }
    }

    [Fact]
    public void Whatever_the_regions_are_each_large_folio_is_met_once()
    {
        const int Folio = 16;
        Gen.Int[1, 40].Array[1, 12].Sample(
            sizes =>
            {
                using var host = NewHost(100).IdlePages(Folio * 40);
                var process = OfFolios(host, Folio, folios: 32);
                var fake = new FlakyAdvice();
                using var actor = Open(host, process, fake);
                actor.Measure(SchemeAction.Pageout, Pages(0, 1), ulong.MaxValue, out _);
                List<AddressRange> ranges = [];
                var at = 0;
                foreach (var size in sizes)
                {
                    ranges.Add(Pages(at, size));
                    at += size;
                }

                actor.Apply(SchemeAction.Pageout, [.. ranges]);
                var met = fake.Calls.SelectMany(call => call).SelectMany(range => Enumerable.Range((int)((range.Start - A) / Page), (int)(range.SizeBytes / Page))).ToList();
                met.Should().Equal(Enumerable.Range(0, Math.Min((at + Folio - 1) / Folio * Folio, Folio * 32)));
            },
            iter: 30);
    }

    [Fact]
    public void A_large_folio_that_is_not_mapped_from_end_to_end_has_no_borders()
    {
        using var host = NewHost(100).IdlePages(64);
        var process = OfFolios(host, 8, folios: 4).Absent(A + (15 * Page));
        var fake = new FlakyAdvice();
        using var actor = Open(host, process, fake);
        actor.Measure(SchemeAction.Pageout, Pages(0, 12), ulong.MaxValue, out _);
        actor.Apply(SchemeAction.Pageout, [Pages(0, 12)]);
        actor.Apply(SchemeAction.Pageout, [Pages(12, 8)]);
        fake.Calls.Should().BeEquivalentTo([[Pages(0, 12)], new[] { Pages(12, 12) }], "the kernel cuts the second, whatever is asked for");
    }

    [Theory]
    [InlineData(SchemeAction.Pageout, true, 8)]
    [InlineData(SchemeAction.Cold, true, 8)]
    [InlineData(SchemeAction.WillNeed, true, 5)]
    [InlineData(SchemeAction.Pageout, false, 5)]
    public void Borders_are_looked_for_where_advice_would_cut_and_where_they_can_be_seen(SchemeAction action, bool canSee, int pages)
    {
        using var host = NewHost(100).IdlePages(64);
        var process = OfFolios(host, 8, folios: 4);
        if (!canSee)
        {
            host.Remove("/proc/kpageflags");
        }

        var fake = new FlakyAdvice();
        using var actor = Open(host, process, fake);
        actor.Measure(action, Pages(0, 5), ulong.MaxValue, out _);
        actor.Apply(action, [Pages(0, 5)]);
        fake.Calls.Should().ContainSingle().Which.Should().Equal(Pages(0, pages));
    }

    [Fact]
    public void Anonymous_memory_is_cut_where_it_is_asked_for()
    {
        using var host = NewHost(100).IdlePages(64);
        var process = NewProcess(host);
        for (var page = 0; page < 8; page++)
        {
            process.Page(A + ((ulong)page * Page), 8 + (ulong)page);
            host.Flags(8 + (ulong)page, (1UL << 5) | (1UL << 12) | (page == 0 ? 1UL << 15 : 1UL << 16));
        }

        var fake = new FlakyAdvice();
        using var actor = Open(host, process, fake);
        actor.Measure(SchemeAction.Pageout, Pages(2, 3), ulong.MaxValue, out _);
        actor.Apply(SchemeAction.Pageout, [Pages(2, 3)]);
        fake.Calls.Should().ContainSingle().Which.Should().Equal([Pages(2, 3)], "its pages keep their place in the page table");
    }

    [Fact]
    public void A_page_out_that_only_unmaps_is_no_success()
    {
        using var host = NewHost(100).IdlePages(64);
        var process = Mixed(host);
        using var actor = Open(host, process, new FlakyAdvice { Effect = _ => process.Absent(A + (2 * Page)) });
        actor.Apply(SchemeAction.Pageout, [Pages(0, 8)]).Should().Be(new ActionResult(ActionOutcome.NoEffect, 8 * Page, 0));
    }

    [Fact]
    public void Advised_with_nothing_gone_is_no_success()
    {
        using var host = NewHost(100);
        using var actor = Open(host, Mixed(host));
        actor.Apply(SchemeAction.Pageout, [Pages(0, 8)]).Should().Be(new ActionResult(ActionOutcome.NoEffect, 8 * Page, 0));
    }

    [Theory]
    [InlineData(SchemeAction.Cold, MemoryAdvice.Cold)]
    [InlineData(SchemeAction.WillNeed, MemoryAdvice.WillNeed)]
    public void What_cannot_be_measured_is_never_called_a_success(SchemeAction action, int advice)
    {
        using var host = NewHost(100);
        var fake = new FlakyAdvice();
        using var actor = Open(host, Mixed(host), fake);
        actor.Apply(action, [Pages(0, 8)]).Should().Be(new ActionResult(ActionOutcome.Unmeasured, 8 * Page, 0));
        fake.Advice.Should().Equal(advice);
    }

    [Fact]
    public void Collapse_is_judged_by_the_huge_pages_of_the_mappings()
    {
        using var host = NewHost(100);
        var process = NewProcess(host);
        using var actor = Open(host, process, new FlakyAdvice { Effect = _ => process.Map(new FakeMapping(A, A + (16 * Huge)) { AnonHugePagesBytes = Huge }) });
        actor.Apply(SchemeAction.Collapse, [new AddressRange(A, A + Huge)]).Should().Be(new ActionResult(ActionOutcome.Applied, Huge, Huge));
        actor.Apply(SchemeAction.Collapse, [new AddressRange(A, A + Huge)]).Should().Be(new ActionResult(ActionOutcome.NoEffect, Huge, 0));
    }

    [Fact]
    public void A_partial_call_is_continued_behind_what_was_done()
    {
        using var host = NewHost(100);
        var fake = new FlakyAdvice((long)Page, (long)(5 * Page));
        using var actor = Open(host, Mixed(host), fake);
        actor.Apply(SchemeAction.Cold, [Pages(0, 2), Pages(4, 4), Pages(10, 1)]).Should().Be(new ActionResult(ActionOutcome.Unmeasured, 7 * Page, 0));
        fake.Calls.Should().HaveCount(3);
        fake.Calls[1].Should().Equal(Pages(1, 1), Pages(4, 4), Pages(10, 1));
        fake.Calls[2].Should().Equal(Pages(10, 1));
    }

    [Fact]
    public void Ranges_go_in_batches_of_what_the_kernel_takes()
    {
        using var host = NewHost(100);
        var fake = new FlakyAdvice();
        using var actor = Open(host, Mixed(host), fake);
        actor.Apply(SchemeAction.Cold, Enumerable.Range(0, 2500).Select(i => Pages(2 * i, 1)).ToArray()).AdvisedBytes.Should().Be(2500 * Page);
        fake.Calls.Select(c => c.Length).Should().Equal(1024, 1024, 452);
    }

    [Theory]
    [InlineData(Errno.ESRCH, ActionOutcome.Gone)]
    [InlineData(Errno.EPERM, ActionOutcome.Denied)]
    [InlineData(Errno.EAGAIN, ActionOutcome.TryAgain)]
    [InlineData(Errno.EINTR, ActionOutcome.TryAgain)]
    [InlineData(Errno.EBUSY, ActionOutcome.TryAgain)]
    [InlineData(Errno.ENOSYS, ActionOutcome.Unsupported)]
    [InlineData(Errno.EFAULT, ActionOutcome.Failed)]
    public void An_error_of_the_whole_process_ends_the_action_and_says_what_was_done(int errno, ActionOutcome expected)
    {
        using var host = NewHost(100);
        var process = Mixed(host);
        var fake = new FlakyAdvice((long)(2 * Page), -errno) { Effect = range => process.Absent(A) };
        using var actor = Open(host, process, fake);
        actor.Apply(SchemeAction.Pageout, [Pages(0, 2), Pages(4, 2)]).Should().Be(new ActionResult(expected, 2 * Page, Page, errno));
        fake.Calls.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(Errno.ENOMEM)]
    [InlineData(Errno.EINVAL)]
    [InlineData(0)]
    public void A_range_that_cannot_be_served_is_passed_over(int errno)
    {
        using var host = NewHost(100);
        var fake = new FlakyAdvice((long)(2 * Page), -errno);
        using var actor = Open(host, Mixed(host), fake);
        actor.Apply(SchemeAction.Cold, [Pages(0, 2), Pages(4, 2), Pages(8, 1)]).Should().Match<ActionResult>(r => r.Outcome == ActionOutcome.Partial && r.AdvisedBytes == 3 * Page);
        fake.Calls[^1].Should().Equal(Pages(8, 1));
    }

    [Fact]
    public void Refused_everywhere_means_the_kernel_does_not_know_the_advice()
    {
        using var host = NewHost(100);
        using var actor = Open(host, Mixed(host), new FlakyAdvice(-Errno.EINVAL, -Errno.EINVAL));
        actor.Apply(SchemeAction.Collapse, [Pages(0, 2), Pages(4, 2)]).Should().Be(new ActionResult(ActionOutcome.Unsupported, 0, 0, Errno.EINVAL));
    }

    [Theory]
    [InlineData(SchemeAction.HugePage, ActionOutcome.Applied)]
    [InlineData(SchemeAction.LruPrio, ActionOutcome.Applied)]
    [InlineData(SchemeAction.Reclaim, ActionOutcome.Applied)]
    [InlineData(SchemeAction.MigrateCold, ActionOutcome.Unsupported)]
    [InlineData((SchemeAction)99, ActionOutcome.Unsupported)]
    public void What_cannot_be_advised_to_another_process_is_counted_where_pages_tell_and_not_tried(SchemeAction action, ActionOutcome measured)
    {
        using var host = NewHost(100);
        var fake = new FlakyAdvice();
        using var actor = Open(host, Mixed(host), fake);
        actor.Measure(action, Pages(0, 1), 1, out _).Should().Be(measured);
        actor.Apply(action, [Pages(0, 1)]).Outcome.Should().Be(ActionOutcome.Unsupported);
        fake.Calls.Should().BeEmpty();
    }

    [Fact]
    public void Counting_and_an_empty_list_do_nothing()
    {
        using var host = NewHost(100);
        var fake = new FlakyAdvice();
        using var actor = Open(host, Mixed(host), fake);
        actor.Apply(SchemeAction.Stat, [Pages(0, 1)]).Outcome.Should().Be(ActionOutcome.Nothing);
        actor.Apply(SchemeAction.Pageout, []).Outcome.Should().Be(ActionOutcome.Nothing);
        fake.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_process_that_is_no_longer_the_one_is_never_advised(bool exec)
    {
        using var host = NewHost(100);
        var process = Mixed(host);
        var fake = new FlakyAdvice();
        using var actor = Open(host, process, fake);
        _ = exec ? process.Exec() : process.BecomeZombie();
        actor.Apply(SchemeAction.Pageout, [Pages(0, 1)]).Outcome.Should().Be(ActionOutcome.Gone);
        actor.Measure(SchemeAction.Pageout, Pages(0, 1), 1, out _).Should().Be(ActionOutcome.Gone);
        fake.Calls.Should().BeEmpty();
    }

    [Fact]
    public void Disposing_the_actor_disposes_the_call()
    {
        using var host = NewHost(100);
        var fake = new FlakyAdvice();
        Open(host, Mixed(host), fake).Dispose();
        fake.IsDisposed.Should().BeTrue();
    }

    [Fact]
    public void The_kernel_pages_out_this_process_s_own_file_and_the_pagemap_shows_it()
    {
        var root = new HostRoot();
        const int Size = 4 * 1024 * 1024;
        var path = Path.Combine(Path.GetTempPath(), $"damon-pageout-{Environment.ProcessId}");
        Assert.SkipWhen(new DriveInfo(Path.GetTempPath()).DriveFormat is "tmpfs" or "ramfs", "The temp folder is in memory and there may be no swap: a file's pages cannot leave.");
        var identity = ProcessTree.Identify(root, Environment.ProcessId).Value;
        var opened = ProcessMadviseActor.Open(root, identity, TimeProvider.System);
        Assert.SkipWhen(opened.Error.Kind == HostErrorKind.Unsupported, $"The kernel has no pidfd: errno {opened.Error.Errno}");
        using var actor = opened.Value;
        try
        {
            using (var stream = new FileStream(path, FileMode.Create))
            {
                stream.Write(new byte[Size]);
                stream.Flush(flushToDisk: true);
            }

            using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, Size, MemoryMappedFileAccess.Read);
            using var view = file.CreateViewAccessor(0, Size, MemoryMappedFileAccess.Read);
            var sum = 0;
            for (var offset = 0; offset < Size; offset += Environment.SystemPageSize)
            {
                sum += view.ReadByte(offset);
            }

            sum.Should().Be(0);
            var start = (ulong)view.SafeMemoryMappedViewHandle.DangerousGetHandle();
            var range = new AddressRange(start, start + Size);
            actor.Measure(SchemeAction.Pageout, range, ulong.MaxValue, out var before).Should().Be(ActionOutcome.Applied);
            before.ReachableBytes.Should().Be(Size);

            var result = actor.Apply(SchemeAction.Pageout, [range]);
            Assert.SkipWhen(result.Outcome is ActionOutcome.Denied or ActionOutcome.Unsupported, $"process_madvise is not allowed here: errno {result.Errno}");
            result.Outcome.Should().Be(ActionOutcome.Applied);
            result.AdvisedBytes.Should().Be(Size);
            result.EffectBytes.Should().BeGreaterThan(Size / 2);

            actor.Measure(SchemeAction.Pageout, range, ulong.MaxValue, out var after).Should().Be(ActionOutcome.Applied);
            after.ReachableBytes.Should().BeLessThanOrEqualTo(Size - result.EffectBytes, "what has left is away, and the kernel may still be freeing the rest");
            actor.Apply(SchemeAction.Cold, [range]).Outcome.Should().Be(ActionOutcome.Unmeasured);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

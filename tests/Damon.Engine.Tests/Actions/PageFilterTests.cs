using CsCheck;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Tests.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Actions;

public class PageFilterTests
{
    private const ulong A = 0x7f00_0000_0000;
    private const ulong Page = FakeProcess.PageBytes;
    private const ulong Huge = 2 * 1024 * 1024;
    private const string Cgroups = "/sys/fs/cgroup";

    private const ulong Lru = 1UL << 5;
    private const ulong Active = 1UL << 6;
    private const ulong Head = 1UL << 15;
    private const ulong Tail = 1UL << 16;
    private const ulong HugeTlb = 1UL << 17;

    [Theory]
    [InlineData(true, true, "0 4")]
    [InlineData(true, false, "1 5")]
    [InlineData(false, true, "1 5")]
    [InlineData(false, false, "0 4")]
    public void Anonymous_pages_are_known_without_the_right_to_frame_numbers(bool matching, bool allow, string passing)
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 0).Page(At(1), 0, file: true).Swapped(At(2)).Absent(At(3)).Page(At(4), 0).Page(At(5), 0, file: true);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        Passing(actor, advice, 8, new SchemeFilter(SchemeFilterType.Anonymous, matching, allow)).Should().Be(passing);
    }

    [Theory]
    [InlineData(SchemeFilterType.Active)]
    [InlineData(SchemeFilterType.Young)]
    [InlineData(SchemeFilterType.HugePageSize)]
    [InlineData(SchemeFilterType.Cgroup)]
    public void A_filter_that_needs_hidden_frames_is_denied_by_name_and_nothing_is_touched(SchemeFilterType type)
    {
        using var host = NewHost().IdlePages(64).Write("/proc/kpagecgroup", new byte[64 * 8]).MakeDirectory(Cgroups + "/x");
        var process = NewProcess(host).Page(A, 0);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        var filters = Filters(new SchemeFilter(type, true, true) { CgroupPath = "x" });

        actor.Measure(SchemeAction.Pageout, Pages(0, 8), ulong.MaxValue, out _, filters).Should().Be(ActionOutcome.Denied);
        actor.LastError.Should().Be($"process 42: the filter {type} cannot be judged: frame numbers are hidden; run as root, or with CAP_SYS_ADMIN");
        actor.Apply(SchemeAction.Pageout, [Pages(0, 8)], filters).Outcome.Should().Be(ActionOutcome.Denied);
        advice.Calls.Should().BeEmpty();

        actor.Measure(SchemeAction.Pageout, Pages(0, 8), ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);
        actor.LastError.Should().BeEmpty("that was without the filter");
    }

    [Theory]
    [InlineData(SchemeFilterType.Active, "/proc/kpageflags")]
    [InlineData(SchemeFilterType.HugePageSize, "/proc/kpageflags")]
    [InlineData(SchemeFilterType.Young, "/sys/kernel/mm/page_idle/bitmap")]
    [InlineData(SchemeFilterType.Cgroup, "/proc/kpagecgroup")]
    public void A_filter_whose_file_the_kernel_does_not_have_is_unsupported_by_name(SchemeFilterType type, string missing)
    {
        using var host = NewHost().IdlePages(64).Write("/proc/kpagecgroup", new byte[64 * 8]).MakeDirectory(Cgroups + "/x").Remove(missing);
        var advice = new FlakyAdvice();
        using var actor = Open(host, NewProcess(host).Page(A, 1), advice);
        var filters = Filters(new SchemeFilter(type, false, true) { CgroupPath = "x" });

        actor.Measure(SchemeAction.Pageout, Pages(0, 8), ulong.MaxValue, out _, filters).Should().Be(ActionOutcome.Unsupported);
        actor.LastError.Should().Contain(type.ToString()).And.Contain(missing);
        actor.Apply(SchemeAction.Pageout, [Pages(0, 8)], filters).Outcome.Should().Be(ActionOutcome.Unsupported);
        advice.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_of_which_nothing_can_be_known_is_held_back_whatever_the_filter_says(bool matching)
    {
        // Frame 500 lies behind the end of the file of flags, 501 far behind it.
        using var host = NewHost().IdlePages(64);
        var process = NewProcess(host).Page(A, 1).Page(At(1), 500).Page(At(2), 1UL << 50);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        Passing(actor, advice, 3, new SchemeFilter(SchemeFilterType.Active, matching, Allow: true), new SchemeFilter(SchemeFilterType.Active, !matching, Allow: true)).Should().Be("0");
    }

    [Fact]
    public void The_place_on_the_lists_is_that_of_the_folios_first_page()
    {
        using var host = NewHost().IdlePages(64).Flags(8, Head | Lru | Active).Flags(9, Tail).Flags(10, Tail).Flags(11, Tail).Flags(12, Lru | Active);
        var process = NewProcess(host).Page(A, 11).Page(At(1), 9).Page(At(2), 12).Page(At(3), 13);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        Passing(actor, advice, 4, new SchemeFilter(SchemeFilterType.Active, true, true)).Should().Be("0 1 2");
        Passing(actor, advice, 4, new SchemeFilter(SchemeFilterType.Active, true, false)).Should().Be("3");
    }

    [Theory]
    [InlineData(0, 1, "0")]
    [InlineData(2, 4, "1 2")]
    [InlineData(2, 3, "1")]
    [InlineData(4, 512, "2 3")]
    [InlineData(512, 512, "3")]
    [InlineData(513, 9999, "")]
    [InlineData(1, 9999, "0 1 2 3")]
    public void The_size_of_a_folio_is_found_from_any_of_its_pages(ulong minPages, ulong maxPages, string passing)
    {
        //          frame   5 alone      6,7       8..11                512..1023
        using var host = NewHost().IdlePages(1100).Flags(6, Head | Lru).Flags(7, Tail).Flags(8, Head | Lru);
        Enumerable.Range(9, 3).Concat(Enumerable.Range(513, 511)).ToList().ForEach(frame => host.Flags((ulong)frame, Tail));
        host.Flags(512, Head | Lru);
        var process = NewProcess(host).Page(A, 5).Page(At(1), 7).Page(At(2), 10).Page(At(3), 900);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        Passing(actor, advice, 4, new SchemeFilter(SchemeFilterType.HugePageSize, true, true) { MinSizeBytes = minPages * Page, MaxSizeBytes = maxPages * Page }).Should().Be(passing);
    }

    [Fact]
    public void Flags_that_cannot_be_true_hold_the_page_back_and_cost_little()
    {
        // Nothing but tails, and a tail whose first page says that it is a page of its own.
        using var host = NewHost().IdlePages(64);
        Enumerable.Range(0, 64).ToList().ForEach(frame => host.Flags((ulong)frame, Tail));
        host.Flags(16, Lru);
        var process = NewProcess(host).Page(A, 7).Page(At(1), 17);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        Passing(actor, advice, 2, new SchemeFilter(SchemeFilterType.HugePageSize, true, false) { MinSizeBytes = Huge }).Should().Be("");
    }

    [Fact]
    public void A_page_is_young_from_an_access_until_the_end_of_the_next_look()
    {
        using var host = NewHost().IdlePages(128).Flags(70, Head | Lru).Flags(71, Tail);
        var process = NewProcess(host).Page(A, 1).Page(At(1), 71).Page(At(2), 65);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        var young = new SchemeFilter(SchemeFilterType.Young, true, true);
        var old = new SchemeFilter(SchemeFilterType.Young, true, false);

        Passing(actor, advice, 3, young).Should().Be("0 1 2", "never looked at");
        Passing(actor, advice, 3, old).Should().Be("", "neither measuring nor acting ends a look");
        actor.EndLook(Pages(0, 3), Filters(old)).Should().Be(ActionOutcome.Applied);
        host.MarkedFrames().Should().Equal([1, 65, 70], "a folio's first page carries its mark");
        Passing(actor, advice, 3, old).Should().Be("0 1 2");

        host.Access(70);
        Passing(actor, advice, 3, old).Should().Be("0 2");
        Passing(actor, advice, 3, young).Should().Be("1");
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(Lru | HugeTlb)]
    public void Of_a_page_that_cannot_be_marked_it_is_not_known_whether_it_is_young(ulong flags)
    {
        using var host = NewHost().IdlePages(64).Flags(3, flags);
        var process = NewProcess(host).Page(A, 3);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        foreach (var matching in new[] { true, false })
        {
            Passing(actor, advice, 1, new SchemeFilter(SchemeFilterType.Young, matching, true)).Should().Be("");
        }

        actor.EndLook(Pages(0, 1), Filters(new SchemeFilter(SchemeFilterType.Young, true, true))).Should().Be(ActionOutcome.Applied);
        host.MarkedFrames().Should().BeEmpty();
    }

    [Fact]
    public void Without_a_filter_on_young_pages_ending_a_look_marks_nothing()
    {
        using var host = NewHost().IdlePages(64);
        using var actor = Open(host, NewProcess(host).Page(A, 3));
        actor.EndLook(Pages(0, 1), Filters(new SchemeFilter(SchemeFilterType.Active, true, true))).Should().Be(ActionOutcome.Applied);
        host.MarkedFrames().Should().BeEmpty();
    }

    [Theory]
    [InlineData("kubepods/podX", "0 1 2")]
    [InlineData("/kubepods/podX/", "0 1 2")]
    [InlineData("kubepods/podX/c1", "1")]
    [InlineData("kubepods/podXY", "3")]
    [InlineData("kubepods", "0 1 2 3")]
    public void A_control_group_is_its_own_pages_and_those_of_the_groups_below_it(string path, string passing)
    {
        using var host = NewHost().IdlePages(64).MakeDirectory(Cgroups + "/kubepods/podX/c1").MakeDirectory(Cgroups + "/kubepods/podX/c2/deep").MakeDirectory(Cgroups + "/kubepods/podXY/c1");
        var process = NewProcess(host);
        string[] groups = ["/kubepods/podX", "/kubepods/podX/c1", "/kubepods/podX/c2/deep", "/kubepods/podXY/c1", ""];
        for (var i = 0; i < groups.Length; i++)
        {
            process.Page(At(i), (ulong)i + 1);
            Charge(host, (ulong)i + 1, groups[i]);
        }

        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        Passing(actor, advice, 8, new SchemeFilter(SchemeFilterType.Cgroup, true, true) { CgroupPath = path }).Should().Be(passing);
    }

    [Fact]
    public void A_container_that_starts_in_an_excluded_pod_is_excluded_at_once()
    {
        using var host = NewHost().IdlePages(64).MakeDirectory(Cgroups + "/podX/c1").MakeDirectory(Cgroups + "/podY");
        var process = NewProcess(host).Page(A, 1).Page(At(1), 2);
        Charge(host, 1, "/podX/c1");
        Charge(host, 2, "/podY");
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        var held = new SchemeFilter(SchemeFilterType.Cgroup, true, false) { CgroupPath = "podX" };
        Passing(actor, advice, 4, held).Should().Be("1");

        host.MakeDirectory(Cgroups + "/podX/c2");
        process.Page(At(2), 3);
        Charge(host, 3, "/podX/c2");
        Passing(actor, advice, 4, held).Should().Be("1");
    }

    // A group that is gone has no pages: for a filter that only lets less through then, that is the answer. For one that then lets more through, it is none.
    [Theory]
    [InlineData(true, true, ActionOutcome.Applied)]
    [InlineData(false, false, ActionOutcome.Applied)]
    [InlineData(true, false, ActionOutcome.Unsupported)]
    [InlineData(false, true, ActionOutcome.Unsupported)]
    public void A_control_group_that_is_gone_never_lets_more_through(bool matching, bool allow, ActionOutcome outcome)
    {
        using var host = NewHost().IdlePages(64).MakeDirectory(Cgroups + "/podY");
        var process = NewProcess(host).Page(A, 1);
        Charge(host, 1, "/podY");
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        var filters = Filters(new SchemeFilter(SchemeFilterType.Cgroup, matching, allow) { CgroupPath = "podX" });

        actor.Measure(SchemeAction.Pageout, Pages(0, 4), ulong.MaxValue, out var reach, filters).Should().Be(outcome);
        reach.ReachableBytes.Should().Be(0);
        (actor.LastError.Contains("podX", StringComparison.Ordinal)).Should().Be(outcome != ActionOutcome.Applied);
        actor.Apply(SchemeAction.Pageout, [Pages(0, 4)], filters);
        advice.Calls.Should().BeEmpty();
    }

    [Fact]
    public void A_budget_ends_behind_the_passing_page_that_meets_it()
    {
        using var host = NewHost();
        var process = NewProcess(host);
        for (var i = 0; i < 8; i++)
        {
            process.Page(At(i), 0, file: i % 2 == 0);
        }

        using var actor = Open(host, process);
        actor.Measure(SchemeAction.Pageout, Pages(0, 8), 2 * Page, out var reach, Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true))).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(At(4), 2 * Page, FilteredBytes: 2 * Page));
    }

    [Fact]
    public void Pages_that_pass_and_are_out_of_reach_are_told_apart_from_those_held_back()
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 0).Page(At(1), 0, exclusive: false).Page(At(2), 0, file: true, exclusive: false);
        using var actor = Open(host, process);
        actor.Measure(SchemeAction.Pageout, Pages(0, 3), ulong.MaxValue, out var reach, Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true))).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(At(3), Page, SharedBytes: Page, FilteredBytes: Page));
        reach.PassedBytes.Should().Be(2 * Page);
    }

    [Fact]
    public void Counting_looks_at_the_pages_that_are_there()
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 0).Page(At(1), 0, exclusive: false).Swapped(At(2)).Page(At(3), 0, file: true);
        using var actor = Open(host, process);
        actor.Measure(SchemeAction.Stat, Pages(0, 8), ulong.MaxValue, out var reach, Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true))).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(At(8), 2 * Page, FilteredBytes: Page));
    }

    [Theory]
    [InlineData(SchemeFilterType.Anonymous, true, "2")]
    [InlineData(SchemeFilterType.Active, false, "2")]
    [InlineData(SchemeFilterType.Young, false, "2")]
    [InlineData(SchemeFilterType.HugePageSize, true, "")]
    [InlineData(SchemeFilterType.HugePageSize, false, "")]
    public void A_page_in_swap_is_anonymous_old_and_of_no_known_folio(SchemeFilterType type, bool matching, string passing)
    {
        using var host = NewHost().IdlePages(64);
        var process = NewProcess(host).Page(A, 1).Swapped(At(2));
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        Passing(actor, advice, 4, SchemeAction.WillNeed, new SchemeFilter(type, matching, true)).Should().Be(passing);
    }

    [Fact]
    public void A_huge_page_is_made_only_of_pages_that_all_pass()
    {
        using var host = NewHost();
        var process = NewProcess(host);
        for (var block = 0; block < 3; block++)
        {
            for (var i = 0; i < 512; i += 2)
            {
                process.Page(A + ((ulong)block * Huge) + ((ulong)i * Page), 0, file: block == 1 && i == 300);
            }
        }

        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        var range = new AddressRange(A, A + (4 * Huge));
        var filters = Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true));
        actor.Measure(SchemeAction.Collapse, range, ulong.MaxValue, out var reach, filters).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(range.End, Huge, FilteredBytes: Huge / 2));

        var result = actor.Apply(SchemeAction.Collapse, [range], filters);
        (result.AdvisedBytes, result.SkippedBytes).Should().Be((2 * Huge, 2 * Huge));
        advice.Calls.Should().ContainSingle().Which.Should().Equal(new AddressRange(A, A + Huge), new AddressRange(A + (2 * Huge), A + (3 * Huge)));
    }

    [Fact]
    public void Scattered_pages_go_in_calls_of_what_the_kernel_takes()
    {
        using var host = NewHost();
        var process = NewProcess(host);
        for (var i = 0; i < 10_001; i += 2)
        {
            process.Page(At(i), 0);
        }

        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        var result = actor.Apply(SchemeAction.Cold, [Pages(0, 10_001)], Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true)));
        result.Should().Be(new ActionResult(ActionOutcome.Unmeasured, 5001 * Page, 0, SkippedBytes: 5000 * Page));
        advice.Calls.Should().OnlyContain(call => call.Length <= 1024);
        advice.Calls.SelectMany(call => call).Should().Equal(Enumerable.Range(0, 5001).Select(i => Pages(2 * i, 1)));
    }

    [Theory]
    [InlineData(Errno.EPERM, ActionOutcome.Denied)]
    [InlineData(Errno.ESRCH, ActionOutcome.Gone)]
    [InlineData(Errno.ENOMEM, ActionOutcome.Partial)]
    public void A_failure_in_the_middle_says_how_much_was_done(int errno, ActionOutcome outcome)
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 0).Page(At(2), 0).Page(At(4), 0);
        using var actor = Open(host, process, new FlakyAdvice((long)Page, -errno));
        var result = actor.Apply(SchemeAction.Cold, [Pages(0, 5)], Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true)));
        result.Should().Be(new ActionResult(outcome, outcome == ActionOutcome.Partial ? 2 * Page : Page, 0, errno, SkippedBytes: 2 * Page));
    }

    [Fact]
    public void A_page_out_of_passing_pages_is_measured_in_them_alone()
    {
        using var host = NewHost();
        var process = NewProcess(host).Page(A, 0).Page(At(1), 0, file: true).Page(At(2), 0);
        using var actor = Open(host, process, new FlakyAdvice { Effect = range => process.Swapped(range.Start) });
        actor.Apply(SchemeAction.Pageout, [Pages(0, 3)], Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true)))
            .Should().Be(new ActionResult(ActionOutcome.Applied, 2 * Page, 2 * Page, SkippedBytes: Page));
    }

    [Fact]
    public void Where_no_page_passes_any_more_nothing_is_advised()
    {
        using var host = NewHost();
        var advice = new FlakyAdvice();
        using var actor = Open(host, NewProcess(host).Page(A, 0), advice);
        actor.Apply(SchemeAction.Pageout, [Pages(0, 3)], Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, false)))
            .Should().Be(new ActionResult(ActionOutcome.NoEffect, 0, 0, SkippedBytes: 3 * Page));
        advice.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_process_that_is_no_longer_the_one_is_neither_judged_nor_advised(bool exec)
    {
        using var host = NewHost().IdlePages(64);
        var process = NewProcess(host).Page(A, 1);
        var advice = new FlakyAdvice();
        using var actor = Open(host, process, advice);
        var filters = Filters(new SchemeFilter(SchemeFilterType.Young, false, true));
        _ = exec ? process.Exec() : process.BecomeZombie();
        actor.Measure(SchemeAction.Pageout, Pages(0, 1), 1, out _, filters).Should().Be(ActionOutcome.Gone);
        actor.Apply(SchemeAction.Pageout, [Pages(0, 1)], filters).Outcome.Should().Be(ActionOutcome.Gone);
        advice.Calls.Should().BeEmpty();
    }

    [Fact]
    public void Judging_allocates_nothing_once_its_buffers_are_there()
    {
        using var host = NewHost().IdlePages(256);
        var process = NewProcess(host);
        for (var i = 0; i < 200; i++)
        {
            process.Page(At(i), 200 - (ulong)i);
        }

        using var actor = Open(host, process);
        var filters = Filters(new SchemeFilter(SchemeFilterType.Young, true, false), new SchemeFilter(SchemeFilterType.HugePageSize, true, false));
        void Measure() => actor.Measure(SchemeAction.Pageout, Pages(0, 200), ulong.MaxValue, out _, filters);
        Measure();
        Allocations.Of(Measure).Should().Be(0);
    }

    [Fact]
    public void Every_page_is_judged_as_the_definition_says()
    {
        // Folios of one, two and four frames; each with its own flags, mark and control group; mapped in a shuffled order, some pages away.
        var folio = Gen.Select(Gen.Int[0, 2], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[0, 2], (order, active, idle, file, cgroup) => (Frames: 1 << order, active, idle, file, cgroup));
        Gen.Select(folio.List[1, 10], PageFiltersTests.AnyFilter.List[1, 4], Gen.Int[0, 1000]).Sample(
            (folios, filters, seed) =>
            {
                filters = [.. filters.Select((f, i) => f with { CgroupPath = i % 2 == 0 ? "g0" : "g1" })];
                using var host = NewHost().IdlePages(128).MakeDirectory(Cgroups + "/g0/below").MakeDirectory(Cgroups + "/g1").MakeDirectory(Cgroups + "/g2");
                var pages = new List<(ulong Frame, PageFacts Facts)>();
                var marked = new ulong[2];
                var frame = 4UL;
                foreach (var (frames, active, idle, file, cgroup) in folios)
                {
                    frame = (frame + (ulong)frames - 1) / (ulong)frames * (ulong)frames;
                    marked[frame / 64] |= idle ? 1UL << (int)(frame % 64) : 0;
                    var groups = filters.Select((f, i) => f.CgroupPath == $"g{cgroup}" ? 1u << i : 0).Aggregate(0u, (a, b) => a | b);
                    for (var i = 0UL; i < (ulong)frames; i++)
                    {
                        host.Flags(frame + i, i > 0 ? Tail : Lru | (active ? Active : 0) | (frames > 1 ? Head : 0));
                        Charge(host, frame + i, cgroup == 0 ? "/g0/below" : $"/g{cgroup}");
                        pages.Add((frame + i, new PageFacts(default, !file, active, !idle, (ulong)frames * Page, groups)));
                    }

                    frame += (ulong)frames;
                }

                host.Write("/sys/kernel/mm/page_idle/bitmap", System.Runtime.InteropServices.MemoryMarshal.AsBytes(marked.AsSpan()));
                pages = [.. pages.OrderBy(p => (p.Frame * 7919) ^ (ulong)seed)];
                var process = NewProcess(host);
                for (var i = 0; i < pages.Count; i++)
                {
                    process.Page(At(2 * i), pages[i].Frame, file: !pages[i].Facts.IsAnonymous);
                }

                var advice = new FlakyAdvice();
                using var actor = Open(host, process, advice);
                var expected = string.Join(' ', Enumerable.Range(0, pages.Count).Where(i => PageFiltersTests.Naive(filters, pages[i].Facts)).Select(i => 2 * i));
                Passing(actor, advice, 2 * pages.Count, [.. filters]).Should().Be(expected);
            },
            iter: 60);
    }

    [Fact]
    public void The_kernel_s_own_files_tell_this_process_s_memory_apart()
    {
        var root = new HostRoot();
        var opened = ProcessMadviseActor.Open(root, ProcessTree.Identify(root, Environment.ProcessId).Value, TimeProvider.System);
        Assert.SkipWhen(opened.Error.Kind == HostErrorKind.Unsupported, $"The kernel has no pidfd: errno {opened.Error.Errno}");
        using var actor = opened.Value;

        // A quarter of this array is touched page by page; arrays of this size lie in anonymous memory of their own.
        var memory = GC.AllocateUninitializedArray<byte>(4 * (int)Huge, pinned: true);
        for (var i = 0; i < (int)Huge; i += (int)Page)
        {
            memory[i] = 1;
        }

        var start = ((ulong)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0) / Page * Page) + Page;
        var range = new AddressRange(start, start + Huge - (2 * Page));
        actor.Measure(SchemeAction.Cold, range, ulong.MaxValue, out var reach, Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, true))).Should().Be(ActionOutcome.Applied);
        reach.PassedBytes.Should().Be(range.SizeBytes);
        actor.Measure(SchemeAction.Cold, range, ulong.MaxValue, out reach, Filters(new SchemeFilter(SchemeFilterType.Anonymous, true, false))).Should().Be(ActionOutcome.Applied);
        reach.FilteredBytes.Should().Be(range.SizeBytes);

        var outcome = actor.Measure(SchemeAction.Cold, range, ulong.MaxValue, out reach, Filters(new SchemeFilter(SchemeFilterType.HugePageSize, true, true) { MinSizeBytes = Page }));
        Assert.SkipWhen(outcome is ActionOutcome.Denied or ActionOutcome.Unsupported, actor.LastError);
        outcome.Should().Be(ActionOutcome.Applied, actor.LastError);
        (reach.PassedBytes + reach.FilteredBytes).Should().Be(range.SizeBytes);
        reach.PassedBytes.Should().BeGreaterThan(range.SizeBytes * 9 / 10, "a folio may be split or moved while it is looked at, few are");
        GC.KeepAlive(memory);
    }

    private static ulong At(int page) => A + ((ulong)page * Page);

    private static AddressRange Pages(int first, int count) => new(At(first), At(first + count));

    private static PageFilters Filters(params SchemeFilter[] filters) => new(filters);

    private static FakeHost NewHost() => FakeHost.With(
        ("/proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 80 kB\nSwapTotal: 100 kB\nSwapFree: 100 kB\n"),
        (Cgroups + "/cgroup.controllers", "cpu memory\n"));

    private static FakeProcess NewProcess(FakeHost host) => host.Process(42, mappings: new FakeMapping(A, A + (64 * Huge)));

    private static void Charge(FakeHost host, ulong frame, string group) =>
        host.WriteAt("/proc/kpagecgroup", (long)frame * 8, BitConverter.GetBytes(host.Root.Identify(Cgroups + group).Value.Inode));

    private static ProcessMadviseActor Open(FakeHost host, FakeProcess process, FlakyAdvice? advice = null) =>
        ProcessMadviseActor.Open(host.Root, process.Identity, TimeProvider.System, advice ?? new FlakyAdvice()).Value;

    private static string Passing(ProcessMadviseActor actor, FlakyAdvice advice, int pages, params SchemeFilter[] filters) =>
        Passing(actor, advice, pages, SchemeAction.Cold, filters);

    /// <summary>Which pages are let through; measuring and acting must agree on it.</summary>
    private static string Passing(ProcessMadviseActor actor, FlakyAdvice advice, int pages, SchemeAction action, params SchemeFilter[] filters)
    {
        var chain = Filters(filters);
        actor.Measure(action, Pages(0, pages), ulong.MaxValue, out var reach, chain).Should().Be(ActionOutcome.Applied, actor.LastError);
        advice.Calls.Clear();
        actor.Apply(action, [Pages(0, pages)], chain).AdvisedBytes.Should().Be(reach.ReachableBytes);
        var advised = advice.Calls.SelectMany(call => call).SelectMany(r => Enumerable.Range((int)((r.Start - A) / Page), (int)(r.SizeBytes / Page)));
        return string.Join(' ', advised);
    }
}

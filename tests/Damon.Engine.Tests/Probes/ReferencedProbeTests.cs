using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Testing;

namespace Damon.Engine.Tests.Probes;

public class ReferencedProbeTests
{
    private const ulong A = 0x7f00_0000_0000;
    private const ulong B = 0x7f00_0010_0000;
    private const ulong C = 0x7f00_0020_0000;
    private const ulong Page = FakeProcess.PageBytes;

    private static FakeMapping At(ulong start, ulong rss = 0, ulong referenced = 0, string path = "", string permissions = "rw-p", string flags = "rd wr") =>
        new(start, start + 0x10_0000, permissions, path) { RssBytes = rss, ReferencedBytes = referenced, VmFlags = flags };

    [Fact]
    public void The_address_space_is_every_mapping_that_can_hold_pages()
    {
        using var host = new FakeHost();
        using var probe = Open(host, host.Process(42, mappings:
        [
            At(A), At(B, permissions: "---p"), At(C, path: "/lib/x", permissions: "r-xp"),
            At(C + 0x10_0000, flags: "rd wr pf"), At(C + 0x20_0000, flags: "rd io"), At(C + 0x30_0000, flags: "rd wr ht"), At(C + 0x40_0000, flags: "rd lo"),
            At(C + 0x50_0000, path: "[vvar]", permissions: "r--p"), At(C + 0x60_0000, path: "[vdso]", permissions: "r-xp"), At(C + 0x70_0000, path: "[stack]"),
        ]));
        var ranges = new AddressRangeList();
        ranges.Add(new AddressRange(1, 2));
        probe.ReadAddressSpace(ranges).Should().Be(ProbeOutcome.Ok);
        ranges.Ranges.ToArray().Select(r => r.Start).Should().Equal(A, C, C + 0x40_0000, C + 0x70_0000);
        (probe.Granularity, probe.LastError).Should().Be((ProbeGranularity.Mapping, ""));
    }

    [Fact]
    public void Preparing_clears_the_accessed_bits_of_the_process()
    {
        using var host = new FakeHost();
        var process = host.Process(42, mappings: At(A));
        using var probe = Open(host, process);
        process.ClearRefs.Should().BeEmpty("opening clears nothing");
        probe.Prepare([A]).Should().Be(ProbeOutcome.Ok);
        process.ClearRefs.Should().Be("1");
    }

    [Theory]
    [InlineData(0, 0, AccessObservation.NotAccessed)]
    [InlineData(8, 0, AccessObservation.NotAccessed)]
    [InlineData(8, 1, AccessObservation.PartlyAccessed)]
    [InlineData(8, 7, AccessObservation.PartlyAccessed)]
    [InlineData(8, 8, AccessObservation.Accessed)]
    [InlineData(1, 1, AccessObservation.Accessed)]
    [InlineData(0, 1, AccessObservation.NotAccessed)]
    public void A_mapping_is_judged_by_how_much_of_what_is_resident_was_referenced(int rssPages, int referencedPages, AccessObservation expected)
    {
        using var host = new FakeHost();
        using var probe = Open(host, host.Process(42, mappings: At(A, (ulong)rssPages * Page, (ulong)referencedPages * Page)));
        Check(probe, (A, A + 0x10_0000)).Should().Equal(expected);
    }

    // mappings   |--A 8/8--|--B 8/0--|  gap  |--C 8/8--|
    // regions    |---------0---------|---1---|----2----|
    //                 |-3-|
    [Fact]
    public void A_region_sums_every_mapping_it_touches()
    {
        using var host = new FakeHost();
        using var probe = Open(host, host.Process(42, mappings: [At(A, 8 * Page, 8 * Page), At(B, 8 * Page), At(C + 0x10_0000, 8 * Page, 8 * Page)]));
        Check(probe, (A, C), (C, C + 0x10_0000), (C + 0x10_0000, C + 0x20_0000))
            .Should().Equal(AccessObservation.PartlyAccessed, AccessObservation.NotAccessed, AccessObservation.Accessed);
        Check(probe, (A + Page, A + 2 * Page), (A + 2 * Page, B + Page), (B + Page, C)).Should().Equal(
            [AccessObservation.Accessed, AccessObservation.PartlyAccessed, AccessObservation.NotAccessed], "a mapping that reaches over a border counts on both sides");
    }

    [Fact]
    public void An_access_after_the_clear_is_seen_in_its_mapping_only()
    {
        using var host = new FakeHost();
        var process = host.Process(42, mappings: [At(A, 4 * Page), At(B, 4 * Page)]);
        using var probe = Open(host, process);
        probe.Prepare([A, B]).Should().Be(ProbeOutcome.Ok);
        process.Reference(B, 4 * Page);
        Check(probe, (A, B), (B, C)).Should().Equal(AccessObservation.NotAccessed, AccessObservation.Accessed);
    }

    [Theory]
    [InlineData("exec")]
    [InlineData("zombie")]
    [InlineData("recycled")]
    [InlineData("gone")]
    public void A_process_that_is_no_longer_the_one_ends_the_target(string what)
    {
        using var host = new FakeHost();
        var process = host.Process(42, mappings: At(A, Page, Page));
        using var probe = Open(host, process);
        switch (what)
        {
            case "exec":
                process.Exec();
                break;
            case "zombie":
                process.BecomeZombie();
                break;
            case "recycled":
                process.BeReplaced(7777);
                break;
            default:
                process.Vanish();
                break;
        }

        probe.ReadAddressSpace(new AddressRangeList()).Should().Be(ProbeOutcome.Gone);
        probe.LastError.Should().Contain("/proc/42");
        probe.Check([A], [B], [A], new AccessObservation[1]).Should().Be(ProbeOutcome.Gone);
    }

    [Fact]
    public void A_mapping_cut_short_is_never_taken_for_cold()
    {
        using var host = new FakeHost();
        using var probe = Open(host, host.Process(42, mappings: At(A, Page, Page)));
        host.Write("/proc/42/smaps", $"{A:x}-{B:x} rw-p 00000000 00:00 0\nRss: 4 kB\n");
        probe.Check([A], [B], [A], new AccessObservation[1]).Should().Be(ProbeOutcome.TryAgain);
        probe.LastError.Should().Contain("Referenced");
    }

    [Fact]
    public void What_cannot_be_opened_is_a_reason()
    {
        using var host = new FakeHost();
        var process = host.Process(42, mappings: At(A));
        ReferencedProbe.Open(host.Root, new ProcessIdentity(42, 1), TimeProvider.System).Error.Kind.Should().Be(HostErrorKind.Vanished);
        ReferencedProbe.Open(host.Root, new ProcessIdentity(43, 1), TimeProvider.System).Error.Kind.Should().Be(HostErrorKind.Vanished);
        host.Remove("/proc/42/clear_refs");
        ReferencedProbe.Open(host.Root, process.Identity, TimeProvider.System).Error.Should().Match<HostError>(e => e.Subject == "/proc/42/clear_refs");
    }

    [Fact]
    public void The_cost_of_a_pass_is_clearing_plus_checking_and_the_longest_clear_is_kept()
    {
        using var host = new FakeHost();
        var time = new SteppingTime(TimeSpan.FromMilliseconds(3));
        using var probe = ReferencedProbe.Open(host.Root, host.Process(42, mappings: At(A)).Identity, time).Value;
        probe.Prepare([A]);
        Check(probe, (A, B));
        probe.LastPassCost.Should().Be(TimeSpan.FromMilliseconds(6));
        time.Step = TimeSpan.FromMilliseconds(1);
        probe.Prepare([A]);
        Check(probe, (A, B));
        probe.LastPassCost.Should().Be(TimeSpan.FromMilliseconds(2));
        probe.LongestStall.Should().Be(TimeSpan.FromMilliseconds(3));
    }

    [Fact]
    public void A_pass_allocates_nothing()
    {
        using var host = new FakeHost();
        using var probe = Open(host, host.Process(42, mappings: [.. Enumerable.Range(0, 200).Select(i => At(A + ((ulong)i * 0x20_0000), Page, Page))]));
        var ranges = new AddressRangeList();
        ulong[] starts = [A, A + 0x20_0000], ends = [A + 0x10_0000, A + 0x30_0000];
        var seen = new AccessObservation[2];
        Allocations.Of(() =>
        {
            probe.ReadAddressSpace(ranges);
            probe.Prepare(starts);
            probe.Check(starts, ends, starts, seen);
        }).Should().Be(0);
        seen.Should().Equal(AccessObservation.Accessed, AccessObservation.Accessed);
    }

    private static ReferencedProbe Open(FakeHost host, FakeProcess process) => ReferencedProbe.Open(host.Root, process.Identity, TimeProvider.System).Value;

    private static AccessObservation[] Check(ReferencedProbe probe, params (ulong Start, ulong End)[] regions)
    {
        var seen = new AccessObservation[regions.Length];
        var starts = regions.Select(r => r.Start).ToArray();
        probe.Check(starts, regions.Select(r => r.End).ToArray(), starts, seen).Should().Be(ProbeOutcome.Ok, probe.LastError);
        return seen;
    }
}

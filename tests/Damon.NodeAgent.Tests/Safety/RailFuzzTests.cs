using CsCheck;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Tests.Agent;

namespace Damon.NodeAgent.Tests.Safety;

/// <summary>Whatever the kernel's files say, cut short, damaged or gone, rails answer; and what they cannot read never counts as calm.</summary>
public class RailFuzzTests
{
    private const int Process = 7;
    private const string Mems = RailPod.App + "/cpuset.mems.effective";
    private const string Policies = "/proc/7/numa_maps";
    private const string Mappings = "/proc/7/maps";

    /// <summary>More than any reader of these files takes.</summary>
    private const int HugeBytes = 2 << 20;

    private static readonly MemoryAction ToNode1 = new(SchemeAction.MigrateCold, [new(1)]);

    private static readonly string[] Files =
    [
        "/proc/pressure/memory", "/proc/meminfo", "/proc/vmstat", "/proc/1/mounts", "/proc/zoneinfo", Mems, Policies, Mappings,
        .. ((string[])[RailPod.Pod, RailPod.App]).SelectMany(group => (string[])[
            group + "/memory.pressure", group + "/io.pressure", group + "/memory.current", group + "/memory.min", group + "/memory.low", group + "/memory.swap.max",
            group + "/memory.swap.current", group + "/memory.stat", group + "/memory.events"]),
    ];

    [Fact]
    public void Damaged_files_are_values_and_no_crash() =>
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Int[0, 200], Gen.Byte.Array[0, 12], Gen.Bool).Array[1, 12].Sample(
            damages =>
            {
                using var pod = Placed();
                foreach (var (file, at, bytes, isCut) in damages)
                {
                    var path = Files[file];
                    var text = System.Text.Encoding.UTF8.GetBytes(pod.Host.ReadText(path));
                    var kept = text[..Math.Min(at, text.Length)];
                    pod.Host.Write(path, [.. kept, .. bytes, .. isCut ? [] : text[Math.Min(at + bytes.Length, text.Length)..]]);
                    pod.Wait(31);
                    Answers(pod);
                }
            },
            iter: 200);

    /// <summary>
    /// Whoever needs a file is held without it, gone or far too long: what cannot be measured counts as tripped. Nobody is held by swap.current while there is no limit of swap, nor by what only the pod's own group is
    /// asked about.
    /// </summary>
    [Theory]
    [InlineData("/proc/pressure/memory", "page-out move")]
    [InlineData("/proc/meminfo", "anonymous")]
    [InlineData("/proc/vmstat", "anonymous")]
    [InlineData("/proc/zoneinfo", "move")]
    [InlineData(Mems, "move")]
    [InlineData(Policies, "bound")]
    [InlineData(Mappings, "bound")]
    [InlineData(RailPod.Pod + "/memory.pressure", "page-out move")]
    [InlineData(RailPod.Pod + "/io.pressure", "page-out move")]
    [InlineData(RailPod.Pod + "/memory.current", "page-out")]
    [InlineData(RailPod.Pod + "/memory.min", "page-out")]
    [InlineData(RailPod.Pod + "/memory.low", "page-out")]
    [InlineData(RailPod.Pod + "/memory.swap.max", "anonymous")]
    [InlineData(RailPod.Pod + "/memory.swap.current", "")]
    [InlineData(RailPod.Pod + "/memory.stat", "page-out move")]
    [InlineData(RailPod.Pod + "/memory.events", "page-out move")]
    [InlineData(RailPod.App + "/memory.pressure", "")]
    [InlineData(RailPod.App + "/io.pressure", "")]
    [InlineData(RailPod.App + "/memory.current", "page-out")]
    [InlineData(RailPod.App + "/memory.min", "page-out")]
    [InlineData(RailPod.App + "/memory.low", "page-out")]
    [InlineData(RailPod.App + "/memory.swap.max", "anonymous")]
    [InlineData(RailPod.App + "/memory.swap.current", "")]
    [InlineData(RailPod.App + "/memory.stat", "")]
    [InlineData(RailPod.App + "/memory.events", "")]
    public void A_file_that_cannot_be_read_holds_who_needs_it_and_nobody_else(string path, string held)
    {
        Held(pod => pod.Host.Remove(path)).Should().Be(held);
        Held(pod => pod.Host.Write(path, new string('7', HugeBytes))).Should().Be(held);
    }

    [Theory]
    [InlineData(RailPod.Pod)]
    [InlineData(RailPod.App)]
    public void Swap_that_is_limited_and_not_told_holds_anonymous_memory(string group)
    {
        Held(pod => pod.Host.Write(group + "/memory.swap.max", $"{1024 * RailPod.MiB}\n")).Should().BeEmpty();
        Held(pod => pod.Host.Write(group + "/memory.swap.max", $"{1024 * RailPod.MiB}\n").Remove(group + "/memory.swap.current")).Should().Be("anonymous");
        Held(pod => pod.Host.Write(group + "/memory.swap.max", $"{1024 * RailPod.MiB}\n").Write(group + "/memory.swap.current", new string('7', HugeBytes))).Should().Be("anonymous");
    }

    [Fact]
    public void Every_file_that_rails_read_has_a_row() =>
        typeof(RailFuzzTests).GetMethod(nameof(A_file_that_cannot_be_read_holds_who_needs_it_and_nobody_else))!.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false)
            .Cast<InlineDataAttribute>().Select(row => (string)row.Data[0]!).Should().BeEquivalentTo(Files.Except(["/proc/1/mounts"]));

    [Theory]
    [InlineData("/proc/pressure/memory")]
    [InlineData(RailPod.Pod + "/memory.pressure")]
    [InlineData(RailPod.Pod + "/io.pressure")]
    [InlineData(RailPod.Pod + "/memory.current")]
    [InlineData(RailPod.Pod + "/memory.events")]
    [InlineData(RailPod.App + "/memory.current")]
    public void A_file_that_is_cut_short_before_its_number_never_allows(string path)
    {
        using var whole = new RailPod();
        var text = whole.Host.ReadText(path);
        var number = path.EndsWith("events", StringComparison.Ordinal) ? text.IndexOf("oom_kill ", StringComparison.Ordinal) + 9 : path.EndsWith("current", StringComparison.Ordinal) ? 0 : text.IndexOf("total", StringComparison.Ordinal);
        for (var length = 0; length <= number; length++)
        {
            using var pod = new RailPod();
            pod.Host.Write(path, text[..length]);
            pod.Book.Track(pod.Target, SafetyLimits.Default);
            pod.Book.Check(RailPod.Uid, RailPod.Container, SchemeAction.Pageout).HeldBy.Should().Be(SafetyRail.RailUnmeasurable);
        }
    }

    /// <summary>A pod whose pages may be moved too, and with a process of which one mapping is bound.</summary>
    private static RailPod Placed()
    {
        var pod = new RailPod();
        pod.Host.Write(Mems, "0-1\n").Write("/proc/zoneinfo", LoopWorld.Zones(1000)).Write(Policies, "10000 bind:0\n20000 default\n").Write(Mappings, "10000-20000 rw-p 00000000 00:00 0\n20000-30000 rw-p 00000000 00:00 0\n");
        pod.Book.Track(pod.Target, SafetyLimits.Default);
        pod.Book.Check(RailPod.Uid, RailPod.Container, SchemeAction.Pageout).IsAllowed.Should().BeTrue();
        pod.Book.Check(RailPod.Uid, RailPod.Container, ToNode1, isAboutToAct: true).IsAllowed.Should().BeTrue();
        return pod;
    }

    private static string Held(Action<RailPod> damage)
    {
        using var pod = Placed();
        damage(pod);
        pod.Wait(31);
        Answers(pod);
        var paged = pod.Book.Check(RailPod.Uid, RailPod.Container, SchemeAction.Pageout);
        var moved = pod.Book.Check(RailPod.Uid, RailPod.Container, ToNode1, isAboutToAct: true);
        string[] held =
        [
            .. paged.IsAllowed ? (string[])[] : ["page-out"],
            .. paged.AnonymousHeldBy is null ? (string[])[] : ["anonymous"],
            .. moved.IsAllowed ? (string[])[] : ["move"],
            .. pod.Book.BoundFinder(RailPod.Uid, RailPod.Container)!(Process, new AddressRangeList()) ? (string[])[] : ["bound"],
        ];
        return string.Join(' ', held);
    }

    private static void Answers(RailPod pod)
    {
        pod.Book.Refresh();
        foreach (var action in (MemoryAction[])[.. Enum.GetValues<SchemeAction>(), ToNode1])
        {
            var answer = pod.Book.Check(RailPod.Uid, RailPod.Container, action, isAboutToAct: true);
            answer.BudgetFactor.Should().BeInRange(0, 1);
            (answer.IsAllowed || answer.BudgetFactor == 0).Should().BeTrue();
        }

        var bound = new AddressRangeList();
        if (pod.Book.BoundFinder(RailPod.Uid, RailPod.Container) is { } find && find(Process, bound))
        {
            bound.Ranges.ToArray().Should().BeInAscendingOrder(range => range.Start);
        }
    }
}

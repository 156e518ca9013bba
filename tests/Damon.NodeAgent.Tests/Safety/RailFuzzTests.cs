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

    [Fact]
    public void Files_that_are_gone_or_far_too_long_are_values_and_hold_who_needs_them()
    {
        foreach (var path in Files.Where(path => path is not "/proc/1/mounts"))
        {
            foreach (var isGone in (bool[])[true, false])
            {
                using var pod = Placed();
                _ = isGone ? pod.Host.Remove(path) : pod.Host.Write(path, new string('7', HugeBytes));
                pod.Wait(31);
                Answers(pod);
                var moved = pod.Book.Check(RailPod.Uid, RailPod.Container, ToNode1, isAboutToAct: true);
                var bound = new AddressRangeList();
                var knowsBound = pod.Book.BoundFinder(RailPod.Uid, RailPod.Container)!(Process, bound);
                var paged = pod.Book.Check(RailPod.Uid, RailPod.Container, SchemeAction.Pageout);

                // Whoever needs the file is held by it: what cannot be measured counts as tripped.
                var isHeld = path switch
                {
                    "/proc/zoneinfo" or Mems => !moved.IsAllowed,
                    Policies or Mappings => !knowsBound,
                    "/proc/meminfo" or "/proc/vmstat" => !paged.IsAllowed || paged.AnonymousHeldBy is not null,
                    _ when path.Contains("/memory.swap", StringComparison.Ordinal) => !paged.IsAllowed || paged.AnonymousHeldBy is not null,
                    _ => !paged.IsAllowed,
                };
                (isHeld || Optional.Contains(path[(path.LastIndexOf('/') + 1)..])).Should().BeTrue($"{path} is {(isGone ? "gone" : "too long")}");
            }
        }
    }

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

    /// <summary>Files of which others than the container's own say as much, or that only count what has happened since they were seen first.</summary>
    private static readonly string[] Optional = ["memory.events", "memory.pressure", "io.pressure", "memory.stat", "memory.min", "memory.low", "memory.swap.max", "memory.swap.current"];

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

using CsCheck;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Tests.Safety;

/// <summary>Whatever the kernel's files say, cut short, damaged or gone, rails answer; and what they cannot read never counts as calm.</summary>
public class RailFuzzTests
{
    private static readonly string[] Files =
    [
        "/proc/pressure/memory", "/proc/meminfo", "/proc/vmstat", "/proc/1/mounts",
        .. ((string[])[RailPod.Pod, RailPod.App]).SelectMany(group => (string[])[
            group + "/memory.pressure", group + "/io.pressure", group + "/memory.current", group + "/memory.min", group + "/memory.low", group + "/memory.swap.max",
            group + "/memory.swap.current", group + "/memory.stat", group + "/memory.events"]),
    ];

    [Fact]
    public void Damaged_files_are_values_and_no_crash() =>
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Int[0, 200], Gen.Byte.Array[0, 12], Gen.Bool).Array[1, 12].Sample(
            damages =>
            {
                using var pod = new RailPod();
                pod.Book.Track(pod.Target, SafetyLimits.Default);
                pod.Book.Check(RailPod.Uid, RailPod.Container, SchemeAction.Pageout).IsAllowed.Should().BeTrue();
                foreach (var (file, at, bytes, isCut) in damages)
                {
                    var path = Files[file];
                    var text = System.Text.Encoding.UTF8.GetBytes(pod.Host.ReadText(path));
                    var kept = text[..Math.Min(at, text.Length)];
                    pod.Host.Write(path, [.. kept, .. bytes, .. isCut ? [] : text[Math.Min(at + bytes.Length, text.Length)..]]);
                    pod.Wait(31);
                    pod.Book.Refresh();
                    foreach (var action in Enum.GetValues<SchemeAction>())
                    {
                        var answer = pod.Book.Check(RailPod.Uid, RailPod.Container, action);
                        answer.BudgetFactor.Should().BeInRange(0, 1);
                        (answer.IsAllowed || answer.BudgetFactor == 0).Should().BeTrue();
                    }
                }
            },
            iter: 200);

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
}

using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>What bounds a scheme bounds it on real memory too: quotas in each window, watermarks for as long as they are not met.</summary>
internal static class PodLimitTests
{
    private const ulong MiB = 1 << 20;
    private const ulong PageBytes = 4096;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Looked = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(No_window_takes_more_than_the_quota), LabSet.Full, No_window_takes_more_than_the_quota),
        new(nameof(No_window_takes_more_from_a_pod_than_the_pods_quota), LabSet.Full, No_window_takes_more_from_a_pod_than_the_pods_quota),
        new(nameof(Nothing_is_done_while_the_watermarks_are_not_met), LabSet.Full, Nothing_is_done_while_the_watermarks_are_not_met),
    ];

    private static async Task No_window_takes_more_than_the_quota(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");

        var run = await AgentRun.StartAsync(context, [workload.Group], new PodScheme("Pageout") { QuotaSize = "1Mi" });
        var seen = await Record(context, run, () => context.SwapBytes(workload.Group));

        await run.InterruptAsync();
        GuestConsole.Note($"quota 1 MiB: {Show(seen)}");
        ExpectWithin(seen, MiB);
        Expect.Between("bytes in swap at the end", 5 * MiB, 21 * MiB, seen[^1].Bytes);
    }

    private static async Task No_window_takes_more_from_a_pod_than_the_pods_quota(LabContext context)
    {
        context.FreeDamon();
        var pods = context.Pods;

        // Two containers in the first pod share its quota; the one of the second pod has one for itself.
        foreach (var container in context.Containers.Take(3))
            await context.StartWorkloadAsync("lab-hotcold", container, "--scale", "0.25");
        var run = await AgentRun.StartAsync(context, pods, new PodScheme("Pageout") { QuotaPerPod = "1Mi" });
        var both = new List<(TimeSpan At, ulong Bytes)>();
        var single = await Record(context, run, () => context.SwapBytes(pods[1]), at => both.Add((at, context.SwapBytes(pods[0]))));

        await run.InterruptAsync();
        GuestConsole.Note($"quota 1 MiB a pod: with two containers {Show(both)}; with one {Show(single)}");
        ExpectWithin(both, MiB);
        ExpectWithin(single, MiB);
        Expect.Between("bytes of the pod with two containers in swap at the end", 3 * MiB, 21 * MiB, both[^1].Bytes);
        Expect.Between("bytes of the pod with one container in swap at the end", 3 * MiB, 21 * MiB, single[^1].Bytes);
    }

    private static async Task Nothing_is_done_while_the_watermarks_are_not_met(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");

        // Kernels before 6.14 keep a few freed places of swap per processor, still charged to whoever had them last: to the test before.
        var swappedBefore = context.SwapBytes(workload.Group);

        // More than half of this machine is free.
        var scheme = new PodScheme("Pageout") { Watermarks = "{metric: FreeMemory, interval: 1s, high: \"20%\", mid: \"15%\", low: \"5%\"}" };
        var resting = await AgentRun.StartAsync(context, [workload.Group], scheme);

        // Four times the age it waits for; without watermarks half of the memory is gone by then, as the second run shows.
        await resting.UntilAsync("a while has passed", Soon, () => resting.Latest("aggregation")?.GetProperty("elapsedMs").GetInt64() ?? 0, elapsed => elapsed >= 8_000);
        Expect.Equal("state of the scheme", "Resting", resting.Word("state"));
        var rested = await resting.InterruptAsync();
        GuestConsole.Note($"rested: {rested.Summary.GetProperty("schemes")[0].GetRawText()}; swap of the process {context.SmapsRollup(workload.Id).SwapBytes}; {context.Read("/sys/devices/system/node/node0/meminfo").Split('\n')[1]}; {string.Join(", ", context.Read("/proc/vmstat").Split('\n').Where(line => line.StartsWith("pswpout", StringComparison.Ordinal) || line.StartsWith("pgsteal_", StringComparison.Ordinal) || line.StartsWith("pgdemote", StringComparison.Ordinal)))}");
        Expect.Equal("bytes applied, and in swap by smaps, while the watermarks are not met", (0UL, 0UL), (rested.Count("appliedBytes"), context.SmapsRollup(workload.Id).SwapBytes));
        Expect.Between("bytes in swap by the group", 0UL, swappedBefore, context.SwapBytes(workload.Group));

        scheme = new PodScheme("Pageout") { Watermarks = "{metric: AvailableMemory, interval: 1s, high: \"99.9%\", mid: \"99%\", low: \"5%\"}" };
        var active = await AgentRun.StartAsync(context, [workload.Group], scheme);
        await active.UntilAsync("cold memory is in swap while the watermarks are met", Soon, () => context.Smaps(workload, hot: false).SwapBytes, bytes => bytes >= workload.ColdBytes / 2);
        Expect.Equal("state of the scheme", "Active", active.Word("state"));
        await active.InterruptAsync();
    }

    /// <summary>Reads a count again and again, until the time is over.</summary>
    private static async Task<List<(TimeSpan At, ulong Bytes)>> Record(LabContext context, AgentRun run, Func<ulong> bytes, Action<TimeSpan>? also = null)
    {
        var start = context.Time.GetTimestamp();
        var seen = new List<(TimeSpan At, ulong Bytes)>();
        await run.UntilAsync(
            "the time is over",
            Looked * 2,
            () =>
            {
                // The moment before the first and after the last look: what is between two looks took at least as long as they say.
                var at = context.Time.GetElapsedTime(start);
                seen.Add((at, bytes()));
                also?.Invoke(at);
                return at;
            },
            at => at >= Looked);
        return seen;
    }

    /// <summary>
    /// Windows do not begin when we look. What is gone between any two looks has at most as many windows to come from as whole seconds are between them, and two more that they cut.
    /// A pass acts on whole pages, so that a window may go over by one.
    /// </summary>
    private static void ExpectWithin(List<(TimeSpan At, ulong Bytes)> seen, ulong quotaBytes)
    {
        for (var first = 0; first < seen.Count; first++)
        {
            for (var last = first + 1; last < seen.Count; last++)
            {
                var windows = (ulong)((seen[last].At - seen[first].At) / Window) + 2;
                Expect.Between($"bytes gone between {seen[first].At} and {seen[last].At}", 0UL, windows * (quotaBytes + PageBytes), seen[last].Bytes - Math.Min(seen[first].Bytes, seen[last].Bytes));
            }
        }
    }

    private static string Show(List<(TimeSpan At, ulong Bytes)> seen)
    {
        var worst = 0UL;
        for (var first = 0; first < seen.Count; first++)
        {
            for (var last = first + 1; last < seen.Count && seen[last].At - seen[first].At < Window; last++)
                worst = Math.Max(worst, seen[last].Bytes - Math.Min(seen[first].Bytes, seen[last].Bytes));
        }

        return $"{seen[^1].Bytes} bytes in {seen[^1].At.TotalSeconds:0.0} s, at most {worst} within one second";
    }
}

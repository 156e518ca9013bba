using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>
/// Page-out of cold memory by the published <c>damonctl</c>: what is hot stays, what is next door stays, and what is reported is what is gone.
/// </summary>
internal static class PodPageoutTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Cold_memory_of_a_container_is_paged_out_and_that_of_its_neighbours_is_not), LabSet.Smoke, Cold_memory_of_a_container_is_paged_out_and_that_of_its_neighbours_is_not),
        new(nameof(What_is_reported_as_paged_out_is_gone_after_a_minute_of_it), LabSet.Full, What_is_reported_as_paged_out_is_gone_after_a_minute_of_it)
        {
            Timeout = TimeSpan.FromMinutes(3),
        },
        new(nameof(Hot_stretches_within_one_mapping_stay_when_what_lies_between_them_is_paged_out), LabSet.Full, Hot_stretches_within_one_mapping_stay_when_what_lies_between_them_is_paged_out),
    ];

    private static Task Cold_memory_of_a_container_is_paged_out_and_that_of_its_neighbours_is_not(LabContext context) => PageOut(context, duration: null);

    /// <summary>The scheme goes on being applied long after nothing is left to do: what is counted then is counted again.</summary>
    private static Task What_is_reported_as_paged_out_is_gone_after_a_minute_of_it(LabContext context) => PageOut(context, Minute);

    /// <param name="context">The test.</param>
    /// <param name="duration">How long it goes on; until nearly all is done where it is not given.</param>
    private static async Task PageOut(LabContext context, TimeSpan? duration)
    {
        context.FreeDamon();

        // One in the same pod, as a container beside; the other pods' are further away in the hierarchy.
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[1], "--scale", "0.5");
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        var (hot, before) = (context.Smaps(workload, hot: true), ContainerFigures.Of(context, workload));
        var neighbourBefore = ContainerFigures.Of(context, neighbour);

        var run = await AgentRun.StartAsync(context, [workload.Group], new PodScheme("Pageout"), duration is { } time ? ["--duration", $"{time.TotalSeconds}s"] : []);
        ulong hotSwappedAtWorst = 0;
        if (duration is null)
            await run.UntilAsync("nearly all cold memory is in swap", Minute, Look, swapped => swapped >= workload.ColdBytes / 100 * 98);
        else
            await context.UntilAsync("the run has ended", Minute * 2, () => (Swapped: Look(), run.HasEnded), seen => seen.HasEnded);
        var end = duration is null ? await run.InterruptAsync() : await run.EndAsync();

        var after = ContainerFigures.Of(context, workload);
        var (cold, hotAfter) = (context.Smaps(workload, hot: false), context.Smaps(workload, hot: true));
        GuestConsole.Note(
            $"reported {end.Count("awayBytes")} away of {end.Count("appliedBytes")} applied, {end.Count("refaultBytes")} accessed again; gone by memory.stat {before.AnonBytes - after.AnonBytes}, "
            + $"by memory.swap.current {after.SwapBytes - before.SwapBytes}, by smaps {after.ProcessSwapBytes - before.ProcessSwapBytes}, of its resident set {before.ProcessRssBytes - after.ProcessRssBytes}; cold {cold.SwapBytes} of {workload.ColdBytes}; hot at worst {hotSwappedAtWorst}; "
            + $"{end.Summary.GetProperty("elapsedMs")} ms");
        Expect.Equal($"exit code of damonctl, which wrote '{end.Errors}'", duration is null ? 130 : 0, end.ExitCode);
        Expect.Between("bytes of the cold region in swap", workload.ColdBytes / 100 * 95, workload.ColdBytes, cold.SwapBytes);
        Expect.Equal("the hot region", (hot.RssBytes, 0UL), (hotAfter.RssBytes, hotAfter.SwapBytes));
        Expect.Between("bytes of the hot region in swap at the worst moment", 0UL, workload.HotBytes / 20, hotSwappedAtWorst);
        // Its own memory: a program's file that both run may lose pages that only the other one had mapped.
        var next = context.Smaps(neighbour, hot: true) + context.Smaps(neighbour, hot: false);
        Expect.Equal("the neighbour's bytes in swap, by its group and its regions", (neighbourBefore.SwapBytes, 0UL), (context.SwapBytes(neighbour.Group), next.SwapBytes));
        Expect.Equal("the neighbour's regions in memory", neighbour.HotBytes + neighbour.ColdBytes, next.RssBytes);
        Expect.Near("anonymous bytes of the neighbour", neighbourBefore.AnonBytes, context.MemoryStat(neighbour.Group).AnonBytes, 0.02);
        Expect.Near("reported bytes against those gone by memory.stat", before.AnonBytes - after.AnonBytes, end.Count("awayBytes"), 0.05);
        Expect.Near("reported bytes against those gone by memory.swap.current", after.SwapBytes - before.SwapBytes, end.Count("awayBytes"), 0.05);
        Expect.Near("reported bytes against those gone by smaps", after.ProcessSwapBytes - before.ProcessSwapBytes, end.Count("awayBytes"), 0.05);

        ulong Look()
        {
            hotSwappedAtWorst = Math.Max(hotSwappedAtWorst, context.Smaps(workload, hot: true).SwapBytes);
            return context.Smaps(workload, hot: false).SwapBytes;
        }
    }

    private static async Task Hot_stretches_within_one_mapping_stay_when_what_lies_between_them_is_paged_out(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-scattered", context.Containers[0], "--layout", "adjacent", "--scale", "0.5");

        var run = await AgentRun.StartAsync(context, [workload.Group], new PodScheme("Pageout"));
        var start = context.Time.GetTimestamp();
        var faults = context.MemoryStat(workload.Group).MajorFaults;
        var (cold, hotAtWorst) = (0UL, 0UL);

        // Where the stretches begin and end has to be found out first; until then some hot ones leave and come back.
        try
        {
            await run.UntilAsync("most of the cold stretches are in swap", Minute, () => Look().Cold, swapped => swapped >= workload.ColdBytes / 100 * 90);
        }
        finally
        {
            Note("found out");
        }

        (faults, hotAtWorst) = (context.MemoryStat(workload.Group).MajorFaults, 0);
        var foundOut = context.Time.GetTimestamp();
        await run.UntilAsync("a while has passed", Minute, () => (Look(), After: context.Time.GetElapsedTime(foundOut)), seen => seen.After > Settled);
        Note("settled");
        await run.InterruptAsync();
        Expect.Between("bytes of the cold stretches in swap", workload.ColdBytes / 100 * 90, workload.ColdBytes, cold);
        Expect.Between("bytes of the hot stretches in swap at the worst moment", 0UL, workload.HotBytes / 10, hotAtWorst);
        await context.UntilAsync("all of the hot stretches is in memory", Soon, () => SwappedPages.Bytes(context, workload, hot: true), swapped => swapped == 0);

        (ulong Hot, ulong Cold) Look()
        {
            var hot = SwappedPages.Bytes(context, workload, hot: true);
            hotAtWorst = Math.Max(hotAtWorst, hot);
            cold = SwappedPages.Bytes(context, workload, hot: false);
            return (hot, cold);
        }

        void Note(string when) => GuestConsole.Note(
            $"{when} after {context.Time.GetElapsedTime(start).TotalSeconds:0.0} s: cold in swap {cold} of {workload.ColdBytes}, hot at worst {hotAtWorst} of {workload.HotBytes}, pages read back "
            + $"{context.MemoryStat(workload.Group).MajorFaults - faults}; reported {run.Count("awayBytes")} away of {run.Count("appliedBytes")} applied, {run.Count("refaultBytes")} accessed again; "
            + $"{run.Latest("aggregation")?.GetProperty("targets")}");
    }
}

using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>What Observe says, Enforce does.</summary>
internal static class PredictionTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Observe_predicts_what_Enforce_then_frees), LabSet.Full, Observe_predicts_what_Enforce_then_frees) { Timeout = TimeSpan.FromMinutes(3) },
    ];

    private static async Task Observe_predicts_what_Enforce_then_frees(LabContext context)
    {
        context.FreeDamon();

        // Runs the same program, so that its files belong to both and stay: what leaves is in swap, where it can be counted.
        await context.StartWorkloadAsync("lab-hot", context.Containers[2]);
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        var before = ContainerFigures.Of(context, workload);

        var observe = await AgentRun.StartAsync(context, [workload.Group], new PodScheme("Pageout") { Mode = "Observe" }, "--duration", "15s");
        await context.UntilAsync("observing has ended", Minute, () => observe.HasEnded, ended => ended);
        var observed = await observe.EndAsync();
        Expect.Equal("bytes in swap after observing", before.SwapBytes, context.SwapBytes(workload.Group));

        var enforce = await AgentRun.StartAsync(context, [workload.Group], new PodScheme("Pageout"), "--duration", "25s");
        await context.UntilAsync("enforcing has ended", Minute, () => enforce.HasEnded, ended => ended);
        var enforced = await enforce.EndAsync();

        var after = ContainerFigures.Of(context, workload);
        var gone = after.SwapBytes - before.SwapBytes;
        GuestConsole.Note($"predicted {observed.Count("awayBytes")} away ({observed.Count("appliedBytes")} applied); enforced {enforced.Count("awayBytes")}, in swap {gone}, gone of the resident set {before.ProcessRssBytes - after.ProcessRssBytes}");
        Expect.Near("bytes predicted against bytes gone", gone, observed.Count("awayBytes"), 0.1);
        Expect.Between("bytes gone", workload.ColdBytes / 100 * 90, workload.ColdBytes + (workload.HotBytes / 2), gone);
    }
}

using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>Huge pages, made by the published <c>damonctl</c> of memory that is accessed.</summary>
internal static class CollapseTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Collapse_makes_huge_pages_of_hot_memory_and_of_no_other), LabSet.Full, Collapse_makes_huge_pages_of_hot_memory_and_of_no_other),
    ];

    private static async Task Collapse_makes_huge_pages_of_hot_memory_and_of_no_other(LabContext context)
    {
        context.FreeDamon();
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[1], "--scale", "0.25");
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        Expect.Equal("huge pages before", 0UL, context.Smaps(workload, hot: true).AnonHugePagesBytes);

        var run = await AgentRun.StartAsync(context, [workload.Group], new PodScheme("Collapse") { MinRate = "10%", MaxRate = "100%", MinAge = "1s" });

        // Its ends need not lie on the borders of huge pages.
        var wanted = workload.HotBytes - (4UL << 20);
        await run.UntilAsync("the hot memory is in huge pages", Minute, () => context.Smaps(workload, hot: true).AnonHugePagesBytes, bytes => bytes >= wanted);
        var end = await run.InterruptAsync();

        var hot = context.Smaps(workload, hot: true);
        GuestConsole.Note($"huge pages {hot.AnonHugePagesBytes} of {workload.HotBytes} hot, {context.Smaps(workload, hot: false).AnonHugePagesBytes} of {workload.ColdBytes} cold; reported {end.Count("appliedBytes")}");
        Expect.Near("reported bytes against huge pages", context.SmapsRollup(workload.Id).AnonHugePagesBytes, end.Count("appliedBytes"), 0.05);
        Expect.Between("huge pages of the cold region", 0UL, 4UL << 20, context.Smaps(workload, hot: false).AnonHugePagesBytes);
        Expect.Equal("huge pages of the neighbour", 0UL, context.SmapsRollup(neighbour.Id).AnonHugePagesBytes);
    }
}

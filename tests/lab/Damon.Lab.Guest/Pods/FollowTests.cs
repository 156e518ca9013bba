using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>Containers whose processes come and go: the run goes on with those that are there, and says which are not.</summary>
internal static class FollowTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(45);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(A_container_that_restarts_is_followed_and_the_others_are_not_disturbed), LabSet.Full, A_container_that_restarts_is_followed_and_the_others_are_not_disturbed),
        new(nameof(Processes_that_live_for_a_moment_do_not_stop_the_others), LabSet.Full, Processes_that_live_for_a_moment_do_not_stop_the_others),
    ];

    private static async Task A_container_that_restarts_is_followed_and_the_others_are_not_disturbed(LabContext context)
    {
        context.FreeDamon();
        var stays = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2], "--scale", "0.25");
        var first = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.25");
        var run = await AgentRun.StartAsync(context, [first.Group, stays.Group], new PodScheme("Pageout"));
        await run.UntilAsync("the first process's cold memory is in swap", Soon, () => ColdSwap(context, first), bytes => bytes >= first.ColdBytes / 100 * 90);

        GuestConsole.Note($"first away after {run.Latest("aggregation")?.GetProperty("elapsedMs")} ms");
        await first.KillAsync();
        var second = await context.StartWorkloadAsync("lab-hotcold", first.Group, "--scale", "0.25");
        await run.UntilAsync("the second process's cold memory is in swap", Soon, () => ColdSwap(context, second), bytes => bytes >= second.ColdBytes / 100 * 90);
        await run.UntilAsync("the other container's cold memory is in swap", Soon, () => ColdSwap(context, stays), bytes => bytes >= stays.ColdBytes / 100 * 90);

        GuestConsole.Note($"second away after {run.Latest("aggregation")?.GetProperty("elapsedMs")} ms");
        Expect.Equal("the hot memory of both in swap", 0UL, context.Smaps(second, hot: true).SwapBytes + context.Smaps(stays, hot: true).SwapBytes);
        await second.KillAsync();
        await stays.KillAsync();
        var end = await run.EndAsync();
        Expect.Equal($"end of damonctl, which wrote '{end.Errors}'", ("TargetsGone", 0), (end.Ended, end.ExitCode));
        Expect.Sequence("processes that have ended", ((int[])[first.Id, second.Id, stays.Id]).Select(id => $"{id}: Gone").Order(), end.EndedTargets.Order());
        if (AgentRun.BackendOf(context.Machine) == "Kernel")
            Expect.Equal("times the kernel began anew", 0, end.Summary.GetProperty("kernel").GetProperty("restarts").GetInt32());
    }

    private static async Task Processes_that_live_for_a_moment_do_not_stop_the_others(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.25");

        // Children all the time, in the same container and in one beside: some are gone between being found and being given to the kernel.
        const string Forking = "while :; do sleep 0.03 & sleep 0.2 & sleep 1.5 & sleep 3 & sleep 0.7; done";
        context.Start(workload.Group, "/bin/sh", "-c", Forking);
        context.Start(context.Containers[1], "/bin/sh", "-c", Forking);

        var run = await AgentRun.StartAsync(context, [context.Pods[0]], new PodScheme("Pageout"));
        await run.UntilAsync("the workload's cold memory is in swap", Soon, () => ColdSwap(context, workload), bytes => bytes >= workload.ColdBytes / 100 * 90);
        await run.UntilAsync("processes have come and gone", Soon, () => run.Latest("aggregation")?.GetProperty("elapsedMs").GetInt64() ?? 0, elapsed => elapsed >= 12_000);
        var end = await run.InterruptAsync();

        GuestConsole.Note($"{end.EndedTargets.Count} processes ended: {string.Join(", ", end.EndedTargets.Select(target => target.Split(' ')[1]).CountBy(state => state))}; errors '{end.Errors}'");
        Expect.Equal($"exit code of damonctl, which wrote '{end.Errors}'", 130, end.ExitCode);
        Expect.Equal("the hot memory in swap", 0UL, context.Smaps(workload, hot: true).SwapBytes);
        Expect.Equal("the workload among the ended", false, end.EndedTargets.Any(target => target.StartsWith($"{workload.Id}:", StringComparison.Ordinal)));
        Expect.True("no process was seen to end", end.EndedTargets.Count > 0);
    }

    private static ulong ColdSwap(LabContext context, RunningWorkload workload) => context.Smaps(workload, hot: false).SwapBytes;
}

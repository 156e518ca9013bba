using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>The agent reclaims from a container's control group what is cold in it and no more, and a kernel that is told to spare anonymous memory does.</summary>
internal static class ReclaimTests
{
    private const ulong MiB = 1 << 20;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(The_agent_reclaims_what_is_cold_from_the_containers_group_and_no_more), LabSet.Full, The_agent_reclaims_what_is_cold_from_the_containers_group_and_no_more) { Timeout = TimeSpan.FromMinutes(6) },
        new(nameof(A_reclaim_that_spares_anonymous_memory_takes_none), LabSet.Full, A_reclaim_that_spares_anonymous_memory_takes_none),
    ];

    private static async Task The_agent_reclaims_what_is_cold_from_the_containers_group_and_no_more(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);

        // Whole, because 64 MiB of every pod are left to it. What tests before have left of files in memory is in the group's swap, too.
        var before = context.SwapBytes(workload.Group);
        using var agent = new MovingAgent(context);
        agent.Start(workload, """{"type":"Reclaim"}""", quota: "4Mi");
        try
        {
            await context.UntilAsync("half of what is cold is in swap", 4 * Minute, () => context.SwapBytes(workload.Group) - before, bytes => bytes >= workload.ColdBytes / 2);
        }
        catch (ExpectationException e)
        {
            throw new ExpectationException($"{e.Message}; {agent.Describe()}", e);
        }

        await agent.EndAsync();
        var (swapped, applied) = (context.SwapBytes(workload.Group) - before, agent.AppliedBytes);
        GuestConsole.Note($"{swapped} bytes in swap, {applied} measured by the agent, of {workload.ColdBytes} cold and {workload.HotBytes} hot; {agent.Describe()}");

        // The kernel chooses, and takes hot pages for cold ones here and there; more than what is cold it is not asked for.
        Expect.Between("bytes in swap", workload.ColdBytes / 2, workload.ColdBytes + (4 * MiB), swapped);
        Expect.Between("bytes that the agent says to have reclaimed", workload.ColdBytes / 4, workload.ColdBytes + (4 * MiB), applied);
    }

    private static async Task A_reclaim_that_spares_anonymous_memory_takes_none(LabContext context)
    {
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.25");
        var group = new ControlGroup(workload.Group["/sys/fs/cgroup".Length..], Of(context.Host.Identify(workload.Group)));
        using var reclaimer = Of(CgroupReclaimer.Open(context.Host, group));
        Expect.True("the kernel can spare anonymous memory", context.Machine.Facts.ReclaimTakesSwappiness);

        var before = context.SwapBytes(workload.Group);
        var spared = reclaimer.Reclaim(4 * MiB, sparesAnonymous: true);
        GuestConsole.Note($"spared: {spared} {reclaimer.LastError}");
        Expect.True($"the kernel takes the word, and found what it found: {spared}", spared.Outcome is ActionOutcome.TryAgain or ActionOutcome.Partial or ActionOutcome.Applied or ActionOutcome.NoEffect);
        Expect.Equal("bytes in swap with anonymous memory spared", before, context.SwapBytes(workload.Group));

        var taken = reclaimer.Reclaim(4 * MiB);
        GuestConsole.Note($"taken: {taken} {reclaimer.LastError}");
        Expect.Between("bytes in swap without", MiB, 8 * MiB, context.SwapBytes(workload.Group) - before);
    }

    private static T Of<T>(HostResult<T> result) => result.TryGet(out var value) ? value : throw new ExpectationException(result.Error.ToString());
}

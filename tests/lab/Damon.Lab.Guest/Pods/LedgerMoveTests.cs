using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>Cold memory that the agent moves to the slow node is written down first, and is back on the node that it came from when the right to move it has ended, whichever agent that is told.</summary>
internal static class LedgerMoveTests
{
    private const int Fast = 0;
    private const int Slow = 1;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Pages_that_the_agent_moved_come_back_when_it_is_switched_off), LabSet.Full, Pages_that_the_agent_moved_come_back_when_it_is_switched_off) { Timeout = TimeSpan.FromMinutes(4) },
        new(nameof(Pages_that_a_killed_agent_moved_are_brought_back_by_the_next_one), LabSet.Full, Pages_that_a_killed_agent_moved_are_brought_back_by_the_next_one) { Timeout = TimeSpan.FromMinutes(4) },
    ];

    private static async Task Pages_that_the_agent_moved_come_back_when_it_is_switched_off(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        using var agent = new MovingAgent(context);
        await MoveAsync(context, workload, agent);

        agent.SwitchTo("Off");
        await IsBackAsync(context, workload, agent);
        await agent.EndAsync();
    }

    private static async Task Pages_that_a_killed_agent_moved_are_brought_back_by_the_next_one(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        using (var agent = new MovingAgent(context))
        {
            await MoveAsync(context, workload, agent);
            agent.IsKilled = true;
            await agent.EndAsync();
        }

        Expect.Between("bytes of the cold region on the slow node while there is no agent", workload.ColdBytes / 100 * 99, workload.ColdBytes, workload.BytesOn(context, hot: false, Slow));

        using var next = new MovingAgent(context);
        next.StartIdle();
        await IsBackAsync(context, workload, next);
        await next.EndAsync();
    }

    private static async Task MoveAsync(LabContext context, RunningWorkload workload, MovingAgent agent)
    {
        Expect.Equal("bytes on the slow node before", 0UL, workload.BytesOn(context, hot: true, Slow) + workload.BytesOn(context, hot: false, Slow));
        var before = context.NodeBytes(workload.Group, Slow);
        agent.Start(workload, Slow);
        try
        {
            await context.UntilAsync("the cold region is on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= workload.ColdBytes / 100 * 99);
            await context.UntilAsync("it is owed", Minute, () => agent.OwedChanges, owed => owed > 0);
        }
        catch (ExpectationException e)
        {
            throw new ExpectationException($"{e.Message}; {agent.Describe()}", e);
        }

        GuestConsole.Note($"moved: {Show(context, workload)}; {agent.Describe()}");
        Expect.Between("bytes of the hot region on the fast node", workload.HotBytes / 10 * 9, workload.HotBytes, workload.BytesOn(context, hot: true, Fast));
        Expect.Between("bytes of the container on the slow node", workload.ColdBytes / 100 * 99, ulong.MaxValue, context.NodeBytes(workload.Group, Slow) - before);
    }

    private static async Task IsBackAsync(LabContext context, RunningWorkload workload, MovingAgent agent)
    {
        await context.UntilAsync(
            "all regions are on the fast node", Minute, () => workload.BytesOn(context, hot: true, Fast) + workload.BytesOn(context, hot: false, Fast), bytes => bytes == workload.HotBytes + workload.ColdBytes);
        await context.UntilAsync("nothing is owed any more", Minute, () => agent.OwedChanges, owed => owed == 0);
        GuestConsole.Note($"brought back: {Show(context, workload)}; {agent.Describe()}");
        Expect.Equal("bytes on the slow node", 0UL, workload.BytesOn(context, hot: true, Slow) + workload.BytesOn(context, hot: false, Slow));
        Expect.Between("bytes of the container on the slow node", 0UL, workload.ColdBytes / 20, context.NodeBytes(workload.Group, Slow));
    }

    private static string Show(LabContext context, RunningWorkload workload) =>
        $"hot {workload.BytesOn(context, hot: true, Fast)} fast and {workload.BytesOn(context, hot: true, Slow)} slow, cold {workload.BytesOn(context, hot: false, Fast)} fast and {workload.BytesOn(context, hot: false, Slow)} slow";
}

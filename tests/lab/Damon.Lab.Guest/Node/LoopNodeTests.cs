using Damon.Engine.KernelDamon;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>A scheme of the node through the agent's loop: on whose memory the kernel acts is the loop's to say, before each grant; and the kernel stops by itself when there is no loop any more.</summary>
internal static class LoopNodeTests
{
    private const ulong MiB = 1 << 20;
    private const ulong BudgetBytes = 4 * MiB;
    private const string Kdamond = "/sys/kernel/mm/damon/admin/kdamonds/1";
    private const string Cold =
        """
        {"mode":"Enforce","target":{"kind":"Node"},"action":{"type":"Pageout"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"2s"}},"quota":{"size":"4Mi"},
        "monitoring":{"sampleInterval":"10ms","aggregationInterval":"200ms"}}
        """;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(100);

    /// <summary>Long enough for three budgets and more, were there any.</summary>
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Through_the_loop_a_pods_cold_memory_is_paged_out_and_that_of_one_that_opted_out_is_not_and_a_killed_agent_leaves_nothing_that_acts), LabSet.Full, Through_the_loop_a_pods_cold_memory_is_paged_out_and_that_of_one_that_opted_out_is_not_and_a_killed_agent_leaves_nothing_that_acts) { SkipReason = NodeKernels.ThatCannotAct, Timeout = TimeSpan.FromMinutes(6) },
    ];

    private static async Task Through_the_loop_a_pods_cold_memory_is_paged_out_and_that_of_one_that_opted_out_is_not_and_a_killed_agent_leaves_nothing_that_acts(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0]);
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2]);
        var agent = await LoopAgent.StartAsync(context, Cold, workload.Group, "-" + neighbour.Group);
        await agent.UntilAsync("a quarter of the cold memory is in swap", Soon, () => context.SwapBytes(workload.Group), bytes => bytes >= workload.ColdBytes / 4);
        GuestConsole.Note(agent.Scheme);

        await agent.KillAsync();
        var killed = context.SwapBytes(workload.Group);
        await Task.Delay(KernelLease.Term, context.Time, context.Cancellation);
        var (swapped, applied) = (context.SwapBytes(workload.Group), AppliedBytes(context));
        await Task.Delay(AWhile, context.Time, context.Cancellation);

        Expect.Equal("the kdamond that it left", "on", context.Read($"{Kdamond}/state"));
        Expect.Equal("bytes in swap after the term", swapped, context.SwapBytes(workload.Group));
        Expect.Equal("bytes that the kernel says it acted on after the term", applied, AppliedBytes(context));
        Expect.Between("bytes in swap since the death", 0UL, BudgetBytes, swapped - Math.Min(swapped, killed));
        Expect.True("there is cold memory left to act on", context.Smaps(workload, hot: false).RssBytes > 4 * BudgetBytes);
        Expect.Between("bytes of the hot region in swap", 0UL, workload.HotBytes / 10, context.Smaps(workload, hot: true).SwapBytes);
        Expect.Equal("bytes of the pod that opted out in swap", 0UL, context.SwapBytes(neighbour.Group));

        var next = await LoopAgent.StartAsync(context, Cold, workload.Group, "-" + neighbour.Group);
        await next.UntilAsync("the next one pages out", Soon, () => context.SwapBytes(workload.Group), bytes => bytes >= swapped + BudgetBytes);
        GuestConsole.Note(next.Scheme);
        var ended = await next.EndAsync();
        Expect.Equal($"how it ended, which wrote '{ended.Errors}'", 0, ended.ExitCode);
        Expect.True($"nothing went wrong in '{next.Told}'", !next.Told.Contains("bug", StringComparison.Ordinal));
        Expect.Equal("kdamonds", "0", context.Read(NodeKernels.Kdamonds));
        var atEnd = context.SwapBytes(workload.Group);
        await Task.Delay(AWhile, context.Time, context.Cancellation);
        Expect.Equal("bytes in swap after the end", atEnd, context.SwapBytes(workload.Group));
        Expect.Equal("bytes of the pod that opted out in swap at the end", 0UL, context.SwapBytes(neighbour.Group));
    }

    /// <summary>What the kernel counts, asked of the tree itself.</summary>
    private static ulong AppliedBytes(LabContext context)
    {
        context.Write($"{Kdamond}/state", "update_schemes_stats");
        return GuestFiles.Folders(context.Host, $"{Kdamond}/contexts/0/schemes", "*").Aggregate(0UL, (sum, scheme) => sum + ulong.Parse(context.Read($"{scheme}/stats/sz_applied")));
    }
}

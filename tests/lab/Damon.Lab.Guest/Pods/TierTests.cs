using Damon.Engine.Machine;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>A scheme that names a tier and no node: which nodes that are is the kernel's word.</summary>
internal static class TierTests
{
    private const int Fast = 0;
    private const int Slow = 1;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(The_engine_tells_the_slow_node_from_the_fast_one), LabSet.Smoke, The_engine_tells_the_slow_node_from_the_fast_one),
        new(nameof(Cold_memory_goes_to_the_slow_tier_and_hot_memory_stays), LabSet.Full, Cold_memory_goes_to_the_slow_tier_and_hot_memory_stays) { Timeout = TimeSpan.FromMinutes(4) },
    ];

    private static Task The_engine_tells_the_slow_node_from_the_fast_one(LabContext context)
    {
        var tiers = MemoryTiers.Read(context.Host);
        GuestConsole.Note(tiers.Message);
        Expect.Equal("how it is known", MemoryTierSource.KernelTiers, tiers.Source);
        Expect.Sequence("fast nodes", [Fast], tiers.Fast);
        Expect.Sequence("slow nodes", [Slow], tiers.Slow);
        return Task.CompletedTask;
    }

    private static async Task Cold_memory_goes_to_the_slow_tier_and_hot_memory_stays(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.5");
        Expect.Equal("bytes on the slow node before", 0UL, workload.BytesOn(context, hot: true, Slow) + workload.BytesOn(context, hot: false, Slow));
        using var agent = new MovingAgent(context);
        agent.Start(workload, """{"type":"MigrateCold","destinations":[{"tier":"Slow"}]}""");
        try
        {
            await context.UntilAsync("the cold region is on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= workload.ColdBytes / 100 * 99);
        }
        catch (ExpectationException e)
        {
            throw new ExpectationException($"{e.Message}; {agent.Describe()}", e);
        }

        GuestConsole.Note($"cold {workload.BytesOn(context, hot: false, Slow)} of {workload.ColdBytes} slow, hot {workload.BytesOn(context, hot: true, Slow)} of {workload.HotBytes} slow; {agent.Describe()}");
        Expect.Between("bytes of the hot region on the fast node", workload.HotBytes / 10 * 9, workload.HotBytes, workload.BytesOn(context, hot: true, Fast));

        agent.SwitchTo("Off");
        await context.UntilAsync(
            "what was moved to the tier is put back", Minute, () => workload.BytesOn(context, hot: true, Slow) + workload.BytesOn(context, hot: false, Slow), bytes => bytes == 0);
        await agent.EndAsync();
    }
}

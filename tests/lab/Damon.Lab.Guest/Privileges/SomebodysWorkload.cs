using Damon.Engine.Machine;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Privileges;

/// <summary>The workload as another user than root: its files and its memory are not the agent's by right of being the same user.</summary>
internal static class SomebodysWorkload
{
    private const int Somebody = 1000;

    /// <summary>Starts it, half the pattern's size, and waits until all its memory is there.</summary>
    public static async Task<RunningWorkload> StartAsync(LabContext context, string group)
    {
        var asSomebody = Confinement.Launcher(ProcessCapabilities.None, Somebody);
        string[] pattern = ["/lab/bin/damon-workload", "/lab/patterns/lab-hotcold.yaml", "-o", "json", "--report-every", "250ms", "--flush-tlb-every", "2ms", "--scale", "0.5"];
        var workload = await RunningWorkload.WaitAsync(context.Start(group, asSomebody[0], [.. asSomebody.Skip(1), .. pattern]), group, context.Cancellation);
        Expect.True("the workload is another user's", ConfinedProcess.Status(context, workload.Id, "Uid").StartsWith($"{Somebody}", StringComparison.Ordinal));
        return workload;
    }
}

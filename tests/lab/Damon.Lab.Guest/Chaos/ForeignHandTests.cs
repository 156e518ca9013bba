using Damon.Lab.Guest.Ownership;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Chaos;

/// <summary>Somebody else's hand in the interface while a run has it: noticed, told, and recovered from or ended with the reason.</summary>
internal static class ForeignHandTests
{
    private const int Attempts = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        Test(nameof(A_kdamond_that_somebody_turned_off_is_started_again), LabSet.Smoke, A_kdamond_that_somebody_turned_off_is_started_again),
        Test(nameof(Files_that_somebody_changed_and_committed_end_the_run_by_name), LabSet.Smoke, Files_that_somebody_changed_and_committed_end_the_run_by_name),
        Test(nameof(A_kdamond_that_somebody_made_anew_ends_the_run_and_is_left_alone), LabSet.Full, A_kdamond_that_somebody_made_anew_ends_the_run_and_is_left_alone),
        Test(nameof(A_run_that_is_locked_out_says_so_and_goes_on_afterwards), LabSet.Full, A_run_that_is_locked_out_says_so_and_goes_on_afterwards),
        Test(nameof(Whoever_waits_for_an_answer_when_a_run_gives_back_is_not_locked_in), LabSet.Smoke, Whoever_waits_for_an_answer_when_a_run_gives_back_is_not_locked_in),
        Test(nameof(A_run_with_long_aggregations_ends_soon_after_Ctrl_C), LabSet.Full, A_run_with_long_aggregations_ends_soon_after_Ctrl_C),
    ];

    private static LabTest Test(string name, LabSet set, Func<LabContext, Task> body) => new(name, set, body) { SkipReason = KernelInterface.NeedsDamon, Timeout = TimeSpan.FromMinutes(3) };

    private static async Task A_kdamond_that_somebody_turned_off_is_started_again(LabContext context)
    {
        var (run, _, first) = await Running(context);

        await KernelInterface.CommandAsync(context, "off");

        await run.NextAsync("the loss is told", KernelInterface.Soon, one => KernelRun.IsNotice(one, "turned it off"));
        var again = await run.NextAsync("it senses again", KernelInterface.Soon, one => KernelRun.IsAggregation(one) && KernelRun.KdamondOf(one) is var pid && pid > 0 && pid != first);
        Expect.Equal("the state of the new one", "on", context.Read(KernelInterface.State));
        Expect.Equal("its thread", $"{KernelRun.KdamondOf(again)}", context.Read($"{KernelInterface.Kdamonds}/0/pid"));
        var ended = await run.InterruptAsync();
        Expect.Equal($"exit code; {ended}", 130, ended.ExitCode);
        Expect.Equal("restarts", 1, ended.Restarts);
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task Files_that_somebody_changed_and_committed_end_the_run_by_name(LabContext context)
    {
        var (run, _, _) = await Running(context);
        Expect.True("nr_kdamonds cannot be written under it", KernelInterface.TryWrite(context, KernelInterface.Count, "2").Length > 0);
        Expect.Equal("kdamonds", "1", context.Read(KernelInterface.Count));

        context.Write($"{KernelInterface.Context}/monitoring_attrs/nr_regions/max", "4321");
        await KernelInterface.CommandAsync(context, "commit");

        var ended = await run.EndAsync();
        Expect.Equal($"exit code; {ended}", 1, ended.ExitCode);
        Expect.Equal("how it ended", "KernelLost", ended.Ended);
        Expect.True($"the file, what it holds and whose fault it is: {ended.Errors}", ended.Errors.Contains("nr_regions/max holds '4321'", StringComparison.Ordinal) && ended.Errors.Contains("somebody else", StringComparison.Ordinal));
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task A_kdamond_that_somebody_made_anew_ends_the_run_and_is_left_alone(LabContext context)
    {
        var (run, workload, _) = await Running(context);

        // Stopped, so that it cannot start its own again in between.
        await run.SignalAsync("STOP");
        await KernelInterface.CommandAsync(context, "off");
        KernelInterface.Configure(context, workload.Id);
        context.Write(KernelInterface.State, "on");
        var foreign = GuestFiles.Contents(context.Host, KernelInterface.Kdamonds);
        await run.SignalAsync("CONT");

        var ended = await run.EndAsync();
        Expect.Equal($"exit code; {ended}", 1, ended.ExitCode);
        Expect.Equal("how it ended", "KernelLost", ended.Ended);
        Expect.True($"the reason: {ended.Errors}", ended.Errors.Contains("somebody else", StringComparison.Ordinal));
        Expect.Sequence("the foreign kdamond's files", foreign, GuestFiles.Contents(context.Host, KernelInterface.Kdamonds));
    }

    private static async Task A_run_that_is_locked_out_says_so_and_goes_on_afterwards(LabContext context)
    {
        var (run, _, first) = await Running(context);

        // Several at a time: between two commands of one there would be a gap.
        var loops = Enumerable.Range(0, 3).Select(_ => context.Start(null, "/bin/sh", "-c", $"while :; do echo update_schemes_tried_regions >{KernelInterface.State}; done 2>/dev/null")).ToList();
        await run.NextAsync("being locked out is told", Patience, one => KernelRun.IsNotice(one, "no answer"));
        foreach (var loop in loops)
            await loop.KillAsync();

        await run.NextAsync("that it is over is told", Patience, one => KernelRun.IsNotice(one, "answers again"));
        var report = await run.SensingAsync(KernelInterface.Soon, reports: 2);
        Expect.Equal("the kdamond", first, KernelRun.KdamondOf(report));
        var ended = await run.InterruptAsync();
        Expect.Equal($"exit code; {ended}", 130, ended.ExitCode);
        Expect.Equal("restarts", 0, ended.Restarts);
        KernelInterface.ExpectGivenBack(context);
    }

    /// <summary>Before Linux 6.15 a writer inside the state file and one who removes that file can wait for each other for ever, killed or not.</summary>
    private static async Task Whoever_waits_for_an_answer_when_a_run_gives_back_is_not_locked_in(LabContext context)
    {
        var (run, _, _) = await Running(context);

        // With pauses, so that the run gets in between: newer kernels keep the lock until they have answered.
        var loops = Enumerable.Range(0, 3).Select(_ => context.Start(
            null, "/bin/sh", "-c", $"while [ \"$(cat {KernelInterface.State})\" != off ]; do echo update_schemes_stats >{KernelInterface.State}; usleep 50000; done 2>/dev/null")).ToList();
        await context.UntilAsync("somebody waits for the kernel's answer", KernelInterface.Soon, () => loops.Exists(loop => IsAsked(context, loop.Id)), asked => asked);

        var ended = await run.InterruptAsync();

        Expect.Equal($"exit code; {ended}", 130, ended.ExitCode);
        foreach (var loop in loops)
            await loop.KillAsync();
        KernelInterface.ExpectGivenBack(context);
    }

    /// <summary>The kernel answers a question for regions when all queries have been applied, and until then nobody gets in, to turn anything off either. The question comes from somebody else here, at the worst moment.</summary>
    private static async Task A_run_with_long_aggregations_ends_soon_after_Ctrl_C(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "1/8");
        var run = KernelRun.Start(context, workload.Group, "--set", "monitoring={sampleInterval: 100ms, aggregationInterval: 40s, updateInterval: 40s, autoTune: {minSampleInterval: 100ms, maxSampleInterval: 100ms}}", "--set", "pattern.age.min=2m");
        await run.NextAsync("it has started", KernelInterface.Soon, one => KernelRun.TypeOf(one) == "start");
        await context.UntilAsync("the kernel senses", KernelInterface.Soon, () => context.Read(KernelInterface.State), state => state == "on");
        await AskAsync(context);

        var since = context.Time.GetTimestamp();
        var ended = await run.InterruptAsync();
        var took = context.Time.GetElapsedTime(since);

        Expect.Equal($"exit code; {ended}", 130, ended.ExitCode);
        Expect.Between("seconds from Ctrl-C to the end", 0, 5, took.TotalSeconds);
        KernelInterface.ExpectGivenBack(context);
    }

    /// <summary>Somebody asks for regions, and waits for them in the kernel. An answer that comes too soon to be seen coming is asked for again.</summary>
    private static async Task AskAsync(LabContext context)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var asks = context.Start(null, "/bin/sh", "-c", $"until echo update_schemes_tried_regions >{KernelInterface.State}; do :; done 2>/dev/null");
            await context.UntilAsync("somebody waits for the kernel's answer", KernelInterface.Soon, () => IsAsked(context, asks.Id) || asks.HasEnded, asked => asked);
            if (!asks.HasEnded)
                return;
        }

        throw new ExpectationException("every answer came at once");
    }

    /// <summary>Whether a thread of a process waits in the kernel's DAMON.</summary>
    private static bool IsAsked(LabContext context, int processId) => GuestFiles.Folders(context.Host, $"/proc/{processId}/task", "*")
        .Any(task => context.Host.ReadText($"{task}/stack").TryGet(out var stack) && (stack.Contains("state_store", StringComparison.Ordinal) || stack.Contains("damon_sysfs", StringComparison.Ordinal)));

    private static async Task<(KernelRun Run, RunningWorkload Workload, int Kdamond)> Running(LabContext context)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "1/8");
        var run = KernelRun.Start(context, workload.Group);
        return (run, workload, KernelRun.KdamondOf(await run.SensingAsync(KernelInterface.Soon)));
    }
}

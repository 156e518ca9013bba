using System.Globalization;
using Damon.Lab.Guest.Ownership;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Chaos;

/// <summary>Processes that are sensed come and go, at any moment and at any speed.</summary>
internal static class VanishingTests
{
    private const ulong MiB = 1 << 20;
    private const int Attempts = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        Test(nameof(When_all_processes_have_ended_and_another_has_come_the_kernel_begins_anew), LabSet.Smoke, When_all_processes_have_ended_and_another_has_come_the_kernel_begins_anew),
        Test(nameof(When_all_processes_have_ended_the_run_ends_and_gives_the_kernel_back), LabSet.Full, When_all_processes_have_ended_the_run_ends_and_gives_the_kernel_back),
        Test(nameof(When_one_of_three_processes_ends_what_was_learned_of_the_others_stays), LabSet.Full, When_one_of_three_processes_ends_what_was_learned_of_the_others_stays),
        Test(nameof(A_process_with_the_number_of_one_that_ended_is_not_taken_for_it), LabSet.Full, A_process_with_the_number_of_one_that_ended_is_not_taken_for_it),
        Test(nameof(A_control_group_that_vanishes_ends_the_run), LabSet.Full, A_control_group_that_vanishes_ends_the_run),
        Test(nameof(Hundreds_of_processes_come_and_go_under_a_run), LabSet.Full, Hundreds_of_processes_come_and_go_under_a_run),
    ];

    private static LabTest Test(string name, LabSet set, Func<LabContext, Task> body) => new(name, set, body) { SkipReason = KernelInterface.NeedsDamon, Timeout = TimeSpan.FromMinutes(3) };

    private static async Task When_all_processes_have_ended_and_another_has_come_the_kernel_begins_anew(LabContext context)
    {
        context.FreeDamon();
        var group = context.Containers[0];
        var old = await Start(context, group);
        var run = KernelRun.Start(context, group);
        var first = KernelRun.KdamondOf(await run.SensingAsync(KernelInterface.Soon));

        // The agent sleeps through it: one that is awake may see the new process before the old one's end.
        await run.SignalAsync("STOP");
        await old.KillAsync();
        await context.UntilAsync("the kdamond has ended with its last process", KernelInterface.Soon, () => context.Read(KernelInterface.State), state => state == "off");
        var another = await Start(context, group);
        await run.SignalAsync("CONT");

        var report = await run.NextAsync(
            "the other process is sensed by another kdamond",
            Patience,
            one => KernelRun.IsAggregation(one) && KernelRun.KdamondOf(one) is var pid && pid > 0 && pid != first && KernelRun.TargetsOf(one).Contains(another.Id));
        Expect.Sequence("targets", [another.Id], KernelRun.TargetsOf(report));
        Expect.True($"it is told that the kdamond has ended: {string.Join("; ", run.Notices)}", run.Notices.Any(notice => notice.Contains("the last of the processes", StringComparison.Ordinal)));
        var ended = await run.InterruptAsync();
        Expect.Equal($"exit code; {ended}", 130, ended.ExitCode);
        Expect.Equal("restarts, of which the end with the last process is none", 0, ended.Restarts);
        Expect.Sequence("ended targets", [old.Id], EndedTargets(ended));
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task When_all_processes_have_ended_the_run_ends_and_gives_the_kernel_back(LabContext context)
    {
        context.FreeDamon();
        var group = context.Containers[0];
        RunningWorkload[] workloads = [await Start(context, group), await Start(context, group)];
        var run = KernelRun.Start(context, group);
        await run.SensingAsync(KernelInterface.Soon);

        foreach (var workload in workloads)
            await workload.KillAsync();
        var ended = await run.EndAsync();

        Expect.Equal($"exit code; {ended}", 0, ended.ExitCode);
        Expect.Equal("how it ended", "TargetsGone", ended.Ended);
        Expect.Sequence("ended targets", workloads.Select(workload => workload.Id).Order(), EndedTargets(ended));
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task When_one_of_three_processes_ends_what_was_learned_of_the_others_stays(LabContext context)
    {
        context.FreeDamon();
        var group = context.Containers[0];
        RunningWorkload[] workloads = [await Start(context, group), await Start(context, group), await Start(context, group)];
        var cold = workloads[0].ColdBytes;
        var run = KernelRun.Start(context, group);

        // Two of them cannot give as much, nor can what was not looked at for two seconds.
        var most = (cold * 2) + (cold / 2);
        var before = await run.NextAsync("the cold memory of all three was found", Patience, one => KernelRun.IsAggregation(one) && KernelRun.MatchedNowBytes(one) >= most);
        await workloads[1].KillAsync();
        var after = await run.NextAsync("two are left", KernelInterface.Soon, one => KernelRun.IsAggregation(one) && KernelRun.TargetsOf(one).Count == 2);
        var reports = new List<ulong> { KernelRun.MatchedNowBytes(after) };
        for (var i = 0; i < 5; i++)
            reports.Add(KernelRun.MatchedNowBytes(await run.SensingAsync(KernelInterface.Soon)));

        // Ages that had begun anew would be too short for two seconds: nothing would match at first.
        Expect.True($"the least that matched in the reports after, in MiB: {string.Join(", ", reports.Select(bytes => bytes / MiB))}, of {2 * cold / MiB}", reports.Min() >= cold * 17 / 10);
        var ended = await run.InterruptAsync();
        Expect.Sequence("targets that are left", new[] { workloads[0].Id, workloads[2].Id }.Order(), KernelRun.TargetsOf(after));
        Expect.Equal("the kdamond", KernelRun.KdamondOf(before), KernelRun.KdamondOf(after));
        Expect.Equal($"restarts; {ended}", 0, ended.Restarts);
        Expect.Sequence("ended targets", [workloads[1].Id], EndedTargets(ended));
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task A_process_with_the_number_of_one_that_ended_is_not_taken_for_it(LabContext context)
    {
        context.FreeDamon();
        var (group, elsewhere) = (context.Containers[0], context.Containers[2]);
        var stays = await Start(context, group);
        var ends = await Start(context, group);
        var run = KernelRun.Start(context, group);
        await run.NextAsync("both are sensed", KernelInterface.Soon, one => KernelRun.IsAggregation(one) && KernelRun.TargetsOf(one).Count == 2);

        await run.SignalAsync("STOP");
        await ends.KillAsync();
        var stranger = await StartAs(context, ends.Id, elsewhere);
        await run.SignalAsync("CONT");

        var report = await run.NextAsync("one is left", KernelInterface.Soon, one => KernelRun.IsAggregation(one) && KernelRun.TargetsOf(one).Count == 1);
        Expect.Sequence("targets", [stays.Id], KernelRun.TargetsOf(report));
        for (var i = 0; i < 3; i++)
            Expect.Sequence("targets later", [stays.Id], KernelRun.TargetsOf(await run.SensingAsync(KernelInterface.Soon)));
        Expect.True("the stranger lives", !stranger.HasEnded);
        await stranger.KillAsync();

        // In the same group the number comes back as another process, which has nothing of the first one's.
        await run.SignalAsync("STOP");
        var namesake = await StartAs(context, ends.Id, group);
        await run.SignalAsync("CONT");
        await run.NextAsync("the namesake is sensed", KernelInterface.Soon, one => KernelRun.IsAggregation(one) && KernelRun.TargetsOf(one).Contains(namesake.Id));
        var ended = await run.InterruptAsync();
        Expect.Sequence("ended targets", [ends.Id], EndedTargets(ended));
        Expect.Equal($"restarts; {ended}", 0, ended.Restarts);
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task A_control_group_that_vanishes_ends_the_run(LabContext context)
    {
        context.FreeDamon();
        var group = context.CreateGroup("vanishes");
        var workload = await Start(context, group);
        var run = KernelRun.Start(context, group);
        await run.SensingAsync(KernelInterface.Soon);

        await run.SignalAsync("STOP");
        await workload.KillAsync();
        await context.UntilAsync("the group is empty", KernelInterface.Soon, () => context.Read($"{group}/cgroup.procs"), processes => processes.Length == 0);
        GuestFiles.RemoveGroup(context.Host, group);
        await run.SignalAsync("CONT");

        var ended = await run.EndAsync();
        Expect.Equal($"exit code; {ended}", 0, ended.ExitCode);
        Expect.Equal("how it ended", "TargetsGone", ended.Ended);
        KernelInterface.ExpectGivenBack(context);
        GuestFiles.CreateFolder(context.Host, group);
    }

    private static async Task Hundreds_of_processes_come_and_go_under_a_run(LabContext context)
    {
        const int Rounds = 20;
        const int Each = 10;
        context.FreeDamon();
        var group = context.Containers[0];
        var stays = await Start(context, group);
        var run = KernelRun.Start(context, group);
        await run.SensingAsync(KernelInterface.Soon);

        // Half of them live too briefly to be met, or are killed while they are being given to the kernel; the others are sensed for a moment.
        const string Script =
            """
            r=0; newest=; newer=
            while [ $r -lt $ROUNDS ]; do
              brief=; long=; i=0
              while [ $i -lt $EACH ]; do sleep 100 & brief="$brief $!"; sleep 100 & long="$long $!"; i=$((i+2)); done
              sleep 0.$((5+r%5))
              kill -9 $brief $newer
              newer=$newest; newest=$long; r=$((r+1))
            done
            kill -9 $newer $newest
            wait
            """;
        var churn = context.Start(group, "/bin/sh", "-c", $"ROUNDS={Rounds}; EACH={Each}; {Script}");
        var seen = new HashSet<int>();
        await run.NextAsync("the churn is over", TimeSpan.FromSeconds(120), one =>
        {
            if (KernelRun.IsAggregation(one))
                seen.UnionWith(KernelRun.TargetsOf(one));
            return churn.HasEnded;
        });
        Expect.Between("processes that were sensed for a while", 5, (Rounds * Each) + 10, seen.Count);

        var report = await run.NextAsync("only one is left", Patience, one => KernelRun.IsAggregation(one) && KernelRun.TargetsOf(one).Count == 1);
        Expect.Sequence("targets", [stays.Id], KernelRun.TargetsOf(report));
        await run.NextAsync("its cold memory is known", Patience, one => KernelRun.IsAggregation(one) && KernelRun.MatchedNowBytes(one) >= stays.ColdBytes * 8 / 10);
        Expect.Equal("the kdamond's thread", context.Read($"{KernelInterface.Kdamonds}/0/pid"), KernelRun.KdamondOf(report).ToString(CultureInfo.InvariantCulture));
        var ended = await run.InterruptAsync();
        Expect.Equal($"exit code; {ended}", 130, ended.ExitCode);
        Expect.True($"nobody else is blamed; notices: {string.Join("; ", run.Notices)}", !run.Notices.Any(notice => notice.Contains("somebody else", StringComparison.Ordinal)));

        // Earlier kernels end the kdamond where a process ends while it is being given to it; that can be made rare, and not impossible.
        Expect.Between($"restarts; notices: {string.Join("; ", run.Notices)}", 0, context.Machine.Facts.Kernel.IsAtLeast(6, 15) ? 0 : 3, ended.Restarts);
        KernelInterface.ExpectGivenBack(context);
    }

    private static Task<RunningWorkload> Start(LabContext context, string group) => context.StartWorkloadAsync("lab-hotcold", group, "--scale", "1/8");

    /// <summary>Starts a process that gets a number that was used before.</summary>
    private static async Task<GuestProgram> StartAs(LabContext context, int processId, string group)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            context.Write("/proc/sys/kernel/ns_last_pid", (processId - 1).ToString(CultureInfo.InvariantCulture));
            var program = context.Start(group, "/bin/sleep", "1000");
            if (program.Id == processId)
                return program;
            await program.KillAsync();
        }

        throw new ExpectationException($"nobody got the number {processId}");
    }

    private static IEnumerable<int> EndedTargets(KernelRunResult ended) =>
        [.. ended.Summary.GetProperty("endedTargets").EnumerateArray().Select(target => target.GetProperty("pid").GetInt32()).Order()];
}

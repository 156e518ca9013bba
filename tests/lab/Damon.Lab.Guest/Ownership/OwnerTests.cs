using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Ownership;

/// <summary>The one interface to DAMON has one owner: what is somebody else's is left alone, what an agent of ours has left is cleaned up.</summary>
internal static class OwnerTests
{
    public static IReadOnlyList<LabTest> All { get; } =
    [
        Test(nameof(A_foreign_kdamond_that_runs_is_named_and_left_as_it_is), LabSet.Smoke, A_foreign_kdamond_that_runs_is_named_and_left_as_it_is),
        Test(nameof(A_foreign_kdamond_that_is_off_is_named_and_left_as_it_is), LabSet.Full, A_foreign_kdamond_that_is_off_is_named_and_left_as_it_is),
        Test(nameof(What_a_killed_run_has_left_is_cleaned_up_by_the_next), LabSet.Smoke, What_a_killed_run_has_left_is_cleaned_up_by_the_next),
        Test(nameof(A_record_that_proves_nothing_does_no_harm), LabSet.Full, A_record_that_proves_nothing_does_no_harm),
        Test(nameof(A_second_run_names_the_first_and_leaves_it_alone), LabSet.Full, A_second_run_names_the_first_and_leaves_it_alone),
    ];

    private static LabTest Test(string name, LabSet set, Func<LabContext, Task> body) => new(name, set, body) { SkipReason = KernelInterface.NeedsDamon };

    private static Task A_foreign_kdamond_that_runs_is_named_and_left_as_it_is(LabContext context) => LeaveForeignAlone(context, isOn: true);

    private static Task A_foreign_kdamond_that_is_off_is_named_and_left_as_it_is(LabContext context) => LeaveForeignAlone(context, isOn: false);

    private static async Task LeaveForeignAlone(LabContext context, bool isOn)
    {
        var workload = await Workload(context);
        KernelInterface.Configure(context, workload.Id);
        if (isOn)
            context.Write(KernelInterface.State, "on");
        var before = GuestFiles.Contents(context.Host, KernelInterface.Kdamonds);
        Expect.Between("files of the foreign kdamond", 40, 1000, before.Count);

        var run = await KernelRun.RunAsync(context, workload.Group, "--duration", "2s");
        var probe = await context.RunAsync("damonctl", "doctor", "--probe-kernel", "-o", "json");

        Expect.Equal($"exit code; {run}", 3, run.ExitCode);
        Expect.Equal($"exit code of the probe; it wrote '{probe.Errors}'", 3, probe.ExitCode);
        var name = isOn ? $"thread {context.Read($"{KernelInterface.Kdamonds}/0/pid")}" : "off";
        Expect.True($"the kdamond is named: {run.Errors}", run.Errors.Contains("kdamond", StringComparison.Ordinal) && (!isOn || run.Errors.Contains(context.Read($"{KernelInterface.Kdamonds}/0/pid"), StringComparison.Ordinal)));
        Expect.True($"the probe names it as '{name}': {probe.Errors}", probe.Errors.Contains(name, StringComparison.Ordinal));
        Expect.Sequence("its files", before, GuestFiles.Contents(context.Host, KernelInterface.Kdamonds));
        Expect.Equal("an owner record", expected: false, context.Host.Exists(KernelInterface.Record));
    }

    private static async Task What_a_killed_run_has_left_is_cleaned_up_by_the_next(LabContext context)
    {
        var workload = await Workload(context);
        var killed = KernelRun.Start(context, workload.Group);
        var left = KernelRun.KdamondOf(await killed.SensingAsync(KernelInterface.Soon));
        await killed.KillAsync();
        Expect.Equal("the kdamond of the one that was killed", "on", context.Read(KernelInterface.State));

        var next = KernelRun.Start(context, workload.Group, "--duration", "5s");
        var anew = KernelRun.KdamondOf(await next.SensingAsync(KernelInterface.Soon));
        var ended = await next.EndAsync();

        Expect.True($"a kdamond of its own: {anew} and not {left}", anew != left && anew > 0);
        Expect.Equal("kdamonds in /proc of the first", expected: false, context.Host.Exists($"/proc/{left}"));
        Expect.Equal($"exit code; {ended}", 0, ended.ExitCode);
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task A_record_that_proves_nothing_does_no_harm(LabContext context)
    {
        var workload = await Workload(context);
        var killed = KernelRun.Start(context, workload.Group);
        await killed.SensingAsync(KernelInterface.Soon);
        await killed.KillAsync();
        var real = context.Read(KernelInterface.Record);
        var boot = context.Read("/proc/sys/kernel/random/boot_id");
        var otherBoot = real.Replace(boot, "00000000-0000-4000-8000-000000000000", StringComparison.Ordinal);
        Expect.True($"the record names this boot: {real}", otherBoot != real);

        foreach (var record in new[] { otherBoot, "", "{", "null", "[1,2,3]", new string('x', 100_000), real[..(real.Length / 2)] })
        {
            GuestFiles.Write(context.Host, KernelInterface.Record, record, ownerOnly: true);
            var before = GuestFiles.Contents(context.Host, KernelInterface.Kdamonds);
            var run = await KernelRun.RunAsync(context, workload.Group, "--duration", "1s");
            var shown = record.Length > 60 ? record[..60] : record;
            Expect.Equal($"exit code with the record '{shown}'; {run}", 3, run.ExitCode);
            Expect.Sequence($"the files of what nobody is proven to own, with the record '{shown}'", before, GuestFiles.Contents(context.Host, KernelInterface.Kdamonds));
        }

        // With the right one everything is cleaned up again, and where nothing is there a wrong one is no obstacle.
        GuestFiles.Write(context.Host, KernelInterface.Record, real, ownerOnly: true);
        var cleaned = await KernelRun.RunAsync(context, workload.Group, "--duration", "1s");
        Expect.Equal($"exit code; {cleaned}", 0, cleaned.ExitCode);
        GuestFiles.Write(context.Host, KernelInterface.Record, otherBoot, ownerOnly: true);
        var after = await KernelRun.RunAsync(context, workload.Group, "--duration", "1s");
        Expect.Equal($"exit code; {after}", 0, after.ExitCode);
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task A_second_run_names_the_first_and_leaves_it_alone(LabContext context)
    {
        var workload = await Workload(context);
        var first = KernelRun.Start(context, workload.Group);
        var kdamond = KernelRun.KdamondOf(await first.SensingAsync(KernelInterface.Soon));

        var second = await KernelRun.RunAsync(context, workload.Group, "--duration", "2s");

        Expect.Equal($"exit code of the second; {second}", 3, second.ExitCode);
        Expect.True($"the second names the first, {first.Id}: {second.Errors}", second.Errors.Contains($"{first.Id}", StringComparison.Ordinal));
        var report = await first.SensingAsync(KernelInterface.Soon, reports: 2);
        Expect.Equal("the first one's kdamond", kdamond, KernelRun.KdamondOf(report));
        var ended = await first.InterruptAsync();
        Expect.Equal($"exit code of the first; {ended}", 130, ended.ExitCode);
        Expect.Equal("restarts", 0, ended.Restarts);
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task<RunningWorkload> Workload(LabContext context)
    {
        context.FreeDamon();
        GuestFiles.RemoveFile(context.Host, KernelInterface.Record);
        return await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "1/8");
    }
}

using System.Text.Json;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Ownership;

/// <summary>The kernel's own user of DAMON, on by default on newer Debian kernels: named, switched off only where that is allowed, and on again whatever ends the run.</summary>
internal static class ModuleTests
{
    private static readonly string[] Allowed = ["--allow-module-off", "damon_stat"];
    private static readonly Func<LabMachine, string?> NeedsModule = machine =>
        machine.Facts.Damon.Modules.Any(module => module.Module == DamonModule.Stat) ? null : "this kernel has no damon_stat";

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(A_module_that_uses_DAMON_is_named_and_nothing_is_written), LabSet.Smoke, A_module_that_uses_DAMON_is_named_and_nothing_is_written) { SkipReason = NeedsModule },
        new(nameof(A_module_that_may_be_switched_off_is_on_again_after_the_run), LabSet.Smoke, A_module_that_may_be_switched_off_is_on_again_after_the_run) { SkipReason = NeedsModule },
        new(nameof(A_module_is_on_again_after_a_run_that_was_interrupted), LabSet.Full, A_module_is_on_again_after_a_run_that_was_interrupted) { SkipReason = NeedsModule },
        new(nameof(A_module_that_a_killed_run_left_off_is_on_again_after_the_next_one), LabSet.Full, A_module_that_a_killed_run_left_off_is_on_again_after_the_next_one) { SkipReason = NeedsModule },
        new(nameof(A_module_that_a_killed_run_left_off_is_on_again_where_the_next_one_may_not_switch_it_off), LabSet.Full, A_module_that_a_killed_run_left_off_is_on_again_where_the_next_one_may_not_switch_it_off)
        {
            SkipReason = NeedsModule,
        },
        new(nameof(What_the_kernel_can_is_what_its_version_lets_expect), LabSet.Smoke, What_the_kernel_can_is_what_its_version_lets_expect) { SkipReason = KernelInterface.NeedsDamon },
    ];

    private static async Task A_module_that_uses_DAMON_is_named_and_nothing_is_written(LabContext context)
    {
        var workload = await WithModule(context);

        var run = await KernelRun.RunAsync(context, workload.Group, "--duration", "5s");

        Expect.Equal($"exit code; {run}", 3, run.ExitCode);
        Expect.True($"the module and what to do are named: {run.Errors}", run.Errors.Contains("damon_stat", StringComparison.Ordinal) && run.Errors.Contains("--allow-module-off", StringComparison.Ordinal));
        Expect.Equal("damon_stat", "Y", context.Read(KernelInterface.Stat));
        KernelInterface.ExpectGivenBack(context);
    }

    private static async Task A_module_that_may_be_switched_off_is_on_again_after_the_run(LabContext context)
    {
        var workload = await WithModule(context);
        var run = KernelRun.Start(context, workload.Group, [.. Allowed, "--duration", "4s"]);
        await run.SensingAsync(KernelInterface.Soon);
        Expect.Equal("damon_stat while it runs", "N", context.Read(KernelInterface.Stat));

        var ended = await run.EndAsync();

        Expect.Equal($"exit code; {ended}", 0, ended.ExitCode);
        ExpectAsBefore(context);
    }

    private static async Task A_module_is_on_again_after_a_run_that_was_interrupted(LabContext context)
    {
        var workload = await WithModule(context);
        var run = KernelRun.Start(context, workload.Group, Allowed);
        await run.SensingAsync(KernelInterface.Soon);

        var ended = await run.InterruptAsync();

        Expect.Equal($"exit code; {ended}", 130, ended.ExitCode);
        ExpectAsBefore(context);
    }

    private static async Task A_module_that_a_killed_run_left_off_is_on_again_after_the_next_one(LabContext context)
    {
        var workload = await WithModule(context);
        await KillOne(context, workload);

        var next = await KernelRun.RunAsync(context, workload.Group, [.. Allowed, "--duration", "2s"]);

        Expect.Equal($"exit code; {next}", 0, next.ExitCode);
        ExpectAsBefore(context);
    }

    private static async Task A_module_that_a_killed_run_left_off_is_on_again_where_the_next_one_may_not_switch_it_off(LabContext context)
    {
        var workload = await WithModule(context);
        await KillOne(context, workload);

        var next = await KernelRun.RunAsync(context, workload.Group, "--duration", "2s");

        Expect.Between($"exit code; {next}", 1, 3, next.ExitCode);
        Expect.True($"the module is named: {next.Errors}", next.Errors.Contains("damon_stat", StringComparison.Ordinal));
        ExpectAsBefore(context);
    }

    private static async Task What_the_kernel_can_is_what_its_version_lets_expect(LabContext context)
    {
        if (context.Host.Exists(KernelInterface.Stat))
            context.Write(KernelInterface.Stat, "Y");

        var expected = await context.RunAsync("damonctl", "doctor", "-o", "json");
        var probed = await context.RunAsync("damonctl", ["doctor", "--probe-kernel", .. Allowed, "-o", "json"]);

        Expect.Equal($"exit code of the probe, which wrote '{probed.Errors}'", 0, probed.ExitCode);
        Expect.Sequence("lines of what the kernel can, that its version does not let expect, and the other way round", Lines(expected.Output), Lines(probed.Output));
        Expect.True("it was probed", probed.Output.Contains("\"isExpected\": false", StringComparison.Ordinal) && expected.Output.Contains("\"isExpected\": true", StringComparison.Ordinal));
        if (context.Host.Exists(KernelInterface.Stat))
            Expect.Equal("damon_stat", "Y", context.Read(KernelInterface.Stat));
        KernelInterface.ExpectGivenBack(context);
        ExpectAllFeatures(context);
    }

    /// <summary>Also those that the diagnosis does not show.</summary>
    private static void ExpectAllFeatures(LabContext context)
    {
        if (OperatingSystem.IsWindows())
            return;

        using var kernel = new HostKernelInterface(new HostDamonTree(context.Host), context.Host, context.Time, new OwnershipSettings { ExclusiveModules = new HashSet<DamonModule> { DamonModule.Stat } });
        var taken = kernel.Take();
        Expect.True($"it is free: {taken.Error}", taken.IsOk);
        Expect.Sequence("features", Words(KernelCapabilities.Expected(context.Machine.Facts.Kernel).Features), Words(taken.Value.Features));
        Expect.Equal("giving it back", KernelOutcome.Done, kernel.Release());
    }

    private static IEnumerable<string> Words(KernelFeatures features) =>
    [
        .. features.Operations.Select(operations => $"operations {operations}").Order(),
        .. features.Actions.Select(action => $"action {action}").Order(),
        .. features.Filters.Select(filter => $"filter {filter}").Order(),
        .. features.Goals.Select(goal => $"goal {goal}").Order(),
        $"{nameof(features.HasFilterAllow)} {features.HasFilterAllow}",
        $"{nameof(features.HasFilterLayers)} {features.HasFilterLayers}",
        $"{nameof(features.HasUnlayeredFilters)} {features.HasUnlayeredFilters}",
        $"{nameof(features.HasIntervalsGoal)} {features.HasIntervalsGoal}",
        $"{nameof(features.HasDestinations)} {features.HasDestinations}",
        $"{nameof(features.HasTargetNode)} {features.HasTargetNode}",
        $"{nameof(features.HasSnapshotLimit)} {features.HasSnapshotLimit}",
        $"{nameof(features.HasObsoleteTarget)} {features.HasObsoleteTarget}",
        $"{nameof(features.HasPause)} {features.HasPause}",
        $"{nameof(features.HasGoalTuner)} {features.HasGoalTuner}",
        $"{nameof(features.HasFailedCharge)} {features.HasFailedCharge}",
        $"{nameof(features.HasAddressUnit)} {features.HasAddressUnit}",
        $"{nameof(features.HasEffectiveQuota)} {features.HasEffectiveQuota}",
        $"{nameof(features.HasTriedBytes)} {features.HasTriedBytes}",
        $"{nameof(features.HasFilterPassed)} {features.HasFilterPassed}",
        $"{nameof(features.HasApplyInterval)} {features.HasApplyInterval}",
    ];

    /// <summary>What is said of the kernel's abilities, a line each.</summary>
    private static IEnumerable<string> Lines(string diagnosis)
    {
        using var document = JsonDocument.Parse(diagnosis);
        var can = document.RootElement.GetProperty("damon").GetProperty("can");
        return [.. can.EnumerateObject().Where(property => property.Name != "isExpected").SelectMany(property => property.Value.ValueKind == JsonValueKind.Array
            ? property.Value.EnumerateArray().Select(element => element.GetRawText())
            : [$"{property.Name} {property.Value.GetRawText()}"])];
    }

    private static async Task KillOne(LabContext context, RunningWorkload workload)
    {
        var run = KernelRun.Start(context, workload.Group, Allowed);
        await run.SensingAsync(KernelInterface.Soon);
        await run.KillAsync();
        Expect.Equal("damon_stat after SIGKILL", "N", context.Read(KernelInterface.Stat));
        Expect.Equal("kdamonds after SIGKILL", "1", context.Read(KernelInterface.Count));
    }

    private static async Task<RunningWorkload> WithModule(LabContext context)
    {
        context.Write(KernelInterface.Stat, "Y");
        return await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "1/8");
    }

    private static void ExpectAsBefore(LabContext context)
    {
        Expect.Equal("damon_stat", "Y", context.Read(KernelInterface.Stat));
        KernelInterface.ExpectGivenBack(context);
    }
}

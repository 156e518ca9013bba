using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Sensing;

/// <summary>Hot memory is found, soon and right, by the kernel and by the engine's own sampling, and both say the same as the kernel's accounting of accessed pages.</summary>
internal static class AccuracyTests
{
    private const double Bar = 0.9;

    /// <summary>Two that are right to this degree can agree to <see cref="Bar"/>.</summary>
    private const double Settling = 0.95;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Apart = [];
    private static readonly string[] Adjacent = ["--layout", "adjacent"];

    /// <summary>The kernel's defaults.</summary>
    private static readonly MonitoringIntervals InKernel = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    /// <summary>Looking from user space costs system calls, which are slow in the emulated machine.</summary>
    private static readonly MonitoringIntervals InUserSpace = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));

    /// <summary>Pieces small enough for stretches of 1 MiB from the beginning: the kernel finds borders by cutting at random, which takes longer than three seconds for 64 of them.</summary>
    private static readonly RegionLimits Limits = new(200, 1000);

    private static readonly Func<LabMachine, string?> NeedsBitmap = machine => machine.Facts.HasIdlePageBitmap ? null : "this kernel has no idle-page tracking";

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(The_kernel_finds_the_hot_region_within_three_seconds), LabSet.Smoke, The_kernel_finds_the_hot_region_within_three_seconds),
        new(nameof(The_kernel_finds_hot_stretches_within_one_mapping), LabSet.Smoke, The_kernel_finds_hot_stretches_within_one_mapping),
        new(nameof(Idle_pages_show_the_hot_region_within_three_seconds), LabSet.Smoke, Idle_pages_show_the_hot_region_within_three_seconds) { SkipReason = NeedsBitmap },
        new(nameof(Idle_pages_show_hot_stretches_within_one_mapping), LabSet.Smoke, Idle_pages_show_hot_stretches_within_one_mapping) { SkipReason = NeedsBitmap },
        new(nameof(Kernel_and_idle_pages_agree_with_each_other_and_with_what_was_referenced), LabSet.Smoke, Kernel_and_idle_pages_agree_with_each_other_and_with_what_was_referenced)
        {
            SkipReason = NeedsBitmap,
        },
    ];

    private static Task The_kernel_finds_the_hot_region_within_three_seconds(LabContext context) => FindSoon(context, "lab-hotcold", Apart, InTheKernel);

    private static Task The_kernel_finds_hot_stretches_within_one_mapping(LabContext context) => FindSoon(context, "lab-scattered", Adjacent, InTheKernel);

    private static Task Idle_pages_show_the_hot_region_within_three_seconds(LabContext context) => FindSoon(context, "lab-hotcold", Apart, ByIdlePages);

    private static Task Idle_pages_show_hot_stretches_within_one_mapping(LabContext context) => FindSoon(context, "lab-scattered", Adjacent, ByIdlePages);

    /// <summary>One after the other: each clears the bits that the others read.</summary>
    private static async Task Kernel_and_idle_pages_agree_with_each_other_and_with_what_was_referenced(LabContext context)
    {
        foreach (var (pattern, options) in new[] { ("lab-hotcold", Apart), ("lab-scattered", Adjacent) })
        {
            var workload = await context.StartWorkloadAsync(pattern, context.Containers[0], options);
            context.FreeDamon();
            var byKernel = await Settled(context, workload, InTheKernel);
            var byIdlePages = await Settled(context, workload, ByIdlePages);
            var (start, end) = (workload.Regions.Min(region => region.Start), workload.Regions.Max(region => region.End));
            context.Write($"/proc/{workload.Id}/clear_refs", "1");
            var referenced = await SettledReferenced(context, workload, start, end);

            var agreement = byKernel.Against(byIdlePages, workload);
            Expect.True($"{pattern}: what the kernel finds, against what idle pages show: {agreement}", agreement.Worst >= Bar);
            Expect.Near($"{pattern}: bytes hot by the kernel, against the bytes referenced", referenced, byKernel.SizeBytes, 1 - Bar);
            Expect.Near($"{pattern}: bytes hot by idle pages, against the bytes referenced", referenced, byIdlePages.SizeBytes, 1 - Bar);
            await workload.KillAsync();
        }
    }

    /// <summary>What is accessed at all, when more time shows no more of it.</summary>
    private static async Task<ulong> SettledReferenced(LabContext context, RunningWorkload workload, ulong start, ulong end)
    {
        ulong before;
        var now = 0UL;
        do
        {
            before = now;
            for (var report = 0; report < 4; report++)
                await workload.NextReportAsync(context.Cancellation);
            now = context.Smaps(workload.Id, start, end).ReferencedBytes;
        }
        while (now == 0 || now > before);

        return now;
    }

    private static async Task FindSoon(LabContext context, string pattern, string[] options, Func<LabContext, int, IHotMemorySensor> start)
    {
        context.FreeDamon();
        var workload = await context.StartWorkloadAsync(pattern, context.Containers[0], options);
        using var sensor = start(context, workload.Id);
        var since = context.Time.GetTimestamp();
        var seen = new List<string>();
        while (true)
        {
            var accuracy = (await sensor.LookAsync()).AgainstTruth(workload);
            var elapsed = context.Time.GetElapsedTime(since);
            seen.Add(FormattableString.Invariant($"{elapsed.TotalSeconds:F1} s: {accuracy}"));
            if (accuracy.Worst >= Bar && elapsed <= Soon)
                return;
            Expect.True($"precision and recall of {Bar} within {Soon.TotalSeconds} s; seen: {string.Join("; ", seen)}", elapsed <= Soon);
        }
    }

    /// <summary>What is found once it has been found right.</summary>
    private static async Task<HotMemory> Settled(LabContext context, RunningWorkload workload, Func<LabContext, int, IHotMemorySensor> start)
    {
        using var sensor = start(context, workload.Id);
        var since = context.Time.GetTimestamp();
        while (true)
        {
            var hot = await sensor.LookAsync();
            var accuracy = hot.AgainstTruth(workload);
            if (accuracy.Worst >= Settling)
                return hot;
            Expect.True($"it settles; last seen: {accuracy}", context.Time.GetElapsedTime(since) < Patience);
        }
    }

    private static IHotMemorySensor InTheKernel(LabContext context, int processId) => KernelSensing.Start(context, processId, InKernel, Limits);

    private static IHotMemorySensor ByIdlePages(LabContext context, int processId) => IdlePageSensing.Start(context, processId, InUserSpace, Limits, RegionPolicyKind.Adaptive);
}

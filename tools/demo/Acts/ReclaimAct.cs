using Damon.Demo.Events;
using Damon.Demo.Measures;
using Damon.Demo.Reports;
using Damon.Demo.Verdicts;
using Damon.Engine.Schemes;

namespace Damon.Demo.Acts;

/// <summary>
/// Hot and cold memory in mappings of their own: seen, predicted, given back. The engine's two runs lie between three stretches without it, which
/// show what the machine does by itself; what the engine costs the workload is told window by window.
/// </summary>
/// <param name="stage">What it is given.</param>
internal sealed class ReclaimAct(Stage stage)
{
    public const string Pattern = "tools/workload/patterns/demo.yaml";

    private const string Hot = "hot";
    private const string Cold = "cold";
    private const string SteadyPhase = "run";

    /// <summary>Below that share, the machine itself takes the workload's memory away and nothing could be told from what is missing later.</summary>
    private const double PresentAtFirst = 0.95;

    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(3);

    /// <summary>Four looks, and a little: what the engine's start costs, compiling included, is in its CPU figure and must not be most of it.</summary>
    private static readonly TimeSpan WithEngine = TimeSpan.FromSeconds(17);

    private readonly ActEnd _end = new();

    /// <summary>Runs the act.</summary>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public async Task<ActEnd> RunAsync(CancellationToken cancellation)
    {
        stage.Report.Section("Act 1: hot and cold memory side by side");
        stage.Report.Say("A workload with a known access pattern: all of its memory is touched for three seconds, then only the hot part, as fast as one core can. All of it is files on disk, which can be given back without swap.");
        var arguments = RunningWorkload.Arguments(Pattern, stage.Directory);
        stage.Report.Command("damon-workload", arguments);
        var (workload, refusal) = await RunningWorkload.StartAsync(stage, arguments, SteadyPhase, cancellation);
        if (workload is null)
            return _end.Cannot("act 1", refusal);

        await using (workload)
            return await RunAsync(workload, cancellation);
    }

    private async Task<ActEnd> RunAsync(RunningWorkload workload, CancellationToken cancellation)
    {
        var ready = workload.Ready;
        if (ready.Region(Hot) is not { File: not null } hot || ready.Region(Cold) is not { File: not null } cold)
            return _end.Fail($"{Pattern} has not got the file regions '{Hot}' and '{Cold}'");

        stage.Report.Say($"Process {ready.ProcessId}: {Text.Bytes(hot.SizeBytes)} hot, {Text.Bytes(cold.SizeBytes)} cold. First {Text.Seconds(Alone)} without the engine, to know its speed.");
        var first = await LeaveAloneAsync(workload, cancellation);

        var (observe, observed) = await RunEngineAsync("Observe", "would be away", workload, _ => { }, cancellation);
        if (observe.Refusal is { } noObserve)
            return _end.Cannot("act 1", noObserve);
        if (observe.Failure is { } failedObserve)
            return _end.Fail(failedObserve);

        var predicted = observe.Summary!.Scheme;
        stage.Report.Say($"Prediction: {Text.Bytes(predicted.AwayBytes)} would be away. Nothing has been touched. Again {Text.Seconds(Alone)} without the engine.");
        var second = await LeaveAloneAsync(workload, cancellation);
        _end.Add(CompareSpeed("Observe", workload, observe, observed, first, second), Bounds.Cpu("Observe", observe.Summary.CpuShare));

        var pageout = stage.Facts.Action(SchemeAction.Pageout);
        if (!pageout.IsAvailable)
            return _end.Cannot("Enforce", $"{pageout.Message} Run the demonstration as root, or with that capability, to see the memory given back.");

        if (Look(ready, hot, cold) is not { } before)
            return _end.Fail("the workload's memory could not be measured");
        if (before.HotBytes < hot.SizeBytes * PresentAtFirst || before.ColdBytes < cold.SizeBytes * PresentAtFirst)
        {
            return _end.Cannot(
                "Enforce",
                $"of {Text.Bytes(hot.SizeBytes)} hot and {Text.Bytes(cold.SizeBytes)} cold only {Text.Bytes(before.HotBytes)} and {Text.Bytes(before.ColdBytes)} are in memory: this machine, or a memory limit of this control group, takes it away by itself. Give the demonstration 1 GiB.");
        }

        return await EnforceAsync(workload, hot, cold, before, predicted, second, cancellation);
    }

    private async Task<ActEnd> EnforceAsync(
        RunningWorkload workload, WorkloadRegion hot, WorkloadRegion cold, Holdings before, SchemeCounts predicted, Stretch second, CancellationToken cancellation)
    {
        var ready = workload.Ready;
        var hotAt = IndexOf(ready, hot);
        var lowestHotBytes = before.HotBytes;
        var (enforce, enforced) = await RunEngineAsync(
            "Enforce",
            "away",
            workload,
            // A hot page that was taken comes back within milliseconds: one look at the end would not see that it was gone.
            _ => lowestHotBytes = Math.Min(lowestHotBytes, stage.Observer.Resident(ready.ProcessId, ready.Regions)?.RegionBytes[hotAt] ?? lowestHotBytes),
            cancellation);
        if (enforce.Refusal is { } noEnforce)
            return _end.Cannot("Enforce", noEnforce);
        if (enforce.Failure is { } failedEnforce)
            return _end.Fail(failedEnforce);

        if (Look(ready, hot, cold) is not { } after)
            return _end.Fail("the workload's memory could not be measured");
        lowestHotBytes = Math.Min(lowestHotBytes, after.HotBytes);

        var scheme = enforce.Summary!.Scheme;
        stage.Report.Say("What the kernel says about the process (/proc/PID/smaps) and about the files (mincore), before and after; none of it comes from the engine:");
        var freedBytes = (long)before.TotalBytes - (long)after.TotalBytes;
        stage.Report.Table(
            ["", "before", "after", "left"],
            Row("hot, resident", before.HotBytes, after.HotBytes),
            Row("hot, page cache", before.HotCacheBytes, after.HotCacheBytes),
            Row("cold, resident", before.ColdBytes, after.ColdBytes),
            Row("cold, page cache", before.ColdCacheBytes, after.ColdCacheBytes),
            Row("program and runtime", before.ElsewhereBytes, after.ElsewhereBytes),
            Row("whole process", before.TotalBytes, after.TotalBytes));
        if (after.ColdCacheBytes > after.ColdBytes)
        {
            stage.Report.Say($"{Text.Bytes(after.ColdCacheBytes - after.ColdBytes)} of the cold file left the process and are still in the page cache: the kernel takes them when it needs memory, but they are not free yet.");
        }

        stage.Report.Say($"The hot part was never below {Text.Bytes(lowestHotBytes)} at any look in between.");
        var prediction = Bounds.Predicted(predicted.AwayBytes, freedBytes);
        stage.Report.Table(
            ["predicted by Observe", Text.Bytes(predicted.AwayBytes)],
            ["really freed (smaps)", Text.SignedBytes(freedBytes)],
            ["difference", prediction.Measured],
            ["counted by the engine itself", Text.Bytes(scheme.AwayBytes)]);
        if (scheme.HeldBy.Length > 0 || scheme.LastFailure.Length > 0)
            stage.Report.Say($"The engine adds: held by '{scheme.HeldBy}', last failure '{scheme.LastFailure}'.");

        stage.Report.Say($"Another {Text.Seconds(Alone)} without the engine.");
        var third = await LeaveAloneAsync(workload, cancellation);
        _end.Add(
            Bounds.Cold(before.ColdBytes, after.ColdBytes),
            Bounds.Hot(before.HotBytes, lowestHotBytes),
            prediction,
            CompareSpeed("Enforce", workload, enforce, enforced, second, third),
            Bounds.Cpu("Enforce", enforce.Summary.CpuShare));
        return _end;
    }

    private async Task<Stretch> LeaveAloneAsync(RunningWorkload workload, CancellationToken cancellation)
    {
        var (_, stretch) = await DuringAsync(
            workload,
            async () =>
            {
                await Task.Delay(Alone, stage.Time, cancellation);
                return true;
            });
        return stretch;
    }

    private async Task<(EngineRun Run, Stretch Stretch)> RunEngineAsync(
        string mode, string away, RunningWorkload workload, Action<EngineAggregation> onAggregation, CancellationToken cancellation)
    {
        var narration = new EngineNarration(stage.Report, away);
        var command = stage.Engine(stage.Backend, mode, workload.Ready.ProcessId, WithEngine);
        stage.Report.Section($"Act 1, {mode}");
        stage.Report.Command(EngineCommand.ShownProgram, command.Arguments);
        var (run, stretch) = await DuringAsync(
            workload,
            () => EngineRun.RunAsync(
                stage,
                command,
                aggregation =>
                {
                    narration.Tell(aggregation);
                    onAggregation(aggregation);
                },
                cancellation));
        narration.TellEnd(run);
        return (run, stretch);
    }

    /// <summary>Does something, and says how the workload fared meanwhile.</summary>
    private async Task<(T Result, Stretch Stretch)> DuringAsync<T>(RunningWorkload workload, Func<Task<T>> work)
    {
        var pid = workload.Ready.ProcessId;
        var (from, waitedBefore) = (ClockSpan.Now(stage.Time), stage.Observer.WaitedForCpu(pid));
        var result = await work();
        var (to, waitedAfter) = (ClockSpan.Now(stage.Time), stage.Observer.WaitedForCpu(pid));
        var waited = (waitedAfter - waitedBefore)?.TotalNanoseconds / (to - from) ?? double.NaN;
        return (result, new Stretch(new ClockSpan(from, to), workload.SpeedWithin(new ClockSpan(from, to)), waited));
    }

    private Check CompareSpeed(string mode, RunningWorkload workload, EngineRun run, Stretch with, Stretch before, Stretch after)
    {
        var bySides = with.Speed.RatioTo(before.Speed, after.Speed) - 1;
        var drift = after.Speed.RatioTo(before.Speed, before.Speed) - 1;
        stage.Report.Table(
            ["speed of the workload", "median", "windows", "waited for a CPU"],
            ["without the engine, before", .. Figures(before)],
            [$"with the engine, {mode}", .. Figures(with)],
            ["without the engine, after", .. Figures(after)]);
        stage.Report.Say($"With against without: {Text.SignedPercent(bySides)}. Without, after against before: {Text.SignedPercent(drift)}; so much the machine changes by itself.");

        var loss = workload.LossWithin(with.Span, run.Activity);
        stage.Report.Say(
            $"Window by window: the {loss.ActiveWindows} windows in which the engine ran, each against its neighbours among the {loss.QuietWindows} in which it slept: {Text.SignedPercent(-loss.Share)}, give or take {Text.Percent(2 * loss.StandardError)}.");
        return Bounds.Throughput(mode, loss, with.Speed, before.Speed, after.Speed);

        static string[] Figures(Stretch stretch) => [Text.Millions(stretch.Speed.MedianPerSecond), $"{stretch.Speed.Windows}", Text.Percent(stretch.WaitedShare)];
    }

    private static string[] Row(string name, ulong before, ulong after) =>
        [name, Text.Bytes(before), Text.Bytes(after), Text.Percent(before == 0 ? double.NaN : (before - (double)after) / before)];

    private static int IndexOf(WorkloadReady ready, WorkloadRegion region) => ready.Regions.ToList().IndexOf(region);

    private Holdings? Look(WorkloadReady ready, WorkloadRegion hot, WorkloadRegion cold) =>
        stage.Observer.Resident(ready.ProcessId, ready.Regions) is { } resident
        && PageCache.ResidentBytes(hot.File!) is { } hotCache
        && PageCache.ResidentBytes(cold.File!) is { } coldCache
            ? new Holdings(resident.TotalBytes, resident.RegionBytes[IndexOf(ready, hot)], resident.RegionBytes[IndexOf(ready, cold)], resident.ElsewhereBytes, hotCache, coldCache)
            : null;

    /// <summary>What was in memory at one moment, in bytes.</summary>
    private sealed record Holdings(ulong TotalBytes, ulong HotBytes, ulong ColdBytes, ulong ElsewhereBytes, ulong HotCacheBytes, ulong ColdCacheBytes);
}

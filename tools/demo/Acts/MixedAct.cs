using Damon.Demo.Reports;
using Damon.Demo.Verdicts;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.Demo.Acts;

/// <summary>
/// Hot and cold pages mixed in one mapping. A backend that sees whole mappings cannot tell them apart; what must happen then is nothing, and a reason.
/// </summary>
/// <param name="stage">What it is given.</param>
internal sealed class MixedAct(Stage stage)
{
    public const string Pattern = "tools/workload/patterns/demo-scattered.yaml";

    private const string Mixed = "mixed";
    private const string SteadyPhase = "run";
    private const string MixedMapping = "MixedMapping";

    private static readonly TimeSpan WithEngine = TimeSpan.FromSeconds(9);

    private readonly ActEnd _end = new();

    /// <summary>Runs the act.</summary>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public async Task<ActEnd> RunAsync(CancellationToken cancellation)
    {
        stage.Report.Section("Act 2: hot and cold pages in one mapping");
        var pageout = stage.Facts.Action(SchemeAction.Pageout);
        if (!pageout.IsAvailable)
            return _end.Cannot("act 2", $"it enforces. {pageout.Message}");

        stage.Report.Say("One page of eight stays hot, the others go cold, all in one mapping. Seven eighths could be given back, but backend Referenced sees whole mappings only.");
        var arguments = RunningWorkload.Arguments(Pattern, stage.Directory);
        stage.Report.Command("damon-workload", arguments);
        var (workload, refusal) = await RunningWorkload.StartAsync(stage, arguments, SteadyPhase, cancellation);
        if (workload is null)
            return _end.Cannot("act 2", refusal);

        await using (workload)
            return await RunAsync(workload, cancellation);
    }

    private async Task<ActEnd> RunAsync(RunningWorkload workload, CancellationToken cancellation)
    {
        var ready = workload.Ready;
        if (ready.Region(Mixed) is not { } mixed || ready.Regions.Count != 1)
            return _end.Fail($"{Pattern} has not got '{Mixed}' as its only region");
        if (stage.Observer.Resident(ready.ProcessId, ready.Regions) is not { } before)
            return _end.Fail("the workload's memory could not be measured");

        var lowestBytes = before.RegionBytes[0];

        // The count is that of the latest aggregation. A DAMON thread of somebody else marks whole large folios as accessed, so that in a long interval the
        // mapping can look hot all over; it is left alone then, too, but for another reason.
        var namedBytes = 0UL;
        var narration = new EngineNarration(stage.Report, "away");
        var command = stage.Engine(MonitoringBackend.Referenced, "Enforce", ready.ProcessId, WithEngine);
        stage.Report.Command(EngineCommand.ShownProgram, command.Arguments);
        var run = await EngineRun.RunAsync(
            stage,
            command,
            aggregation =>
            {
                narration.Tell(aggregation);
                namedBytes = Math.Max(namedBytes, aggregation.Scheme.LeftOutFor(MixedMapping));
                lowestBytes = Math.Min(lowestBytes, stage.Observer.Resident(ready.ProcessId, ready.Regions)?.RegionBytes[0] ?? lowestBytes);
            },
            cancellation);
        if (run.Refusal is { } refusal)
            return _end.Cannot("act 2", refusal);
        if (run.Failure is { } failure)
            return _end.Fail(failure);
        if (stage.Observer.Resident(ready.ProcessId, ready.Regions) is not { } after)
            return _end.Fail("the workload's memory could not be measured");

        lowestBytes = Math.Min(lowestBytes, after.RegionBytes[0]);
        var scheme = run.Summary!.Scheme;
        namedBytes = Math.Max(namedBytes, scheme.LeftOutFor(MixedMapping));
        stage.Report.Table(
            ["mixed mapping, resident before", Text.Bytes(before.RegionBytes[0])],
            ["mixed mapping, least at any look since", Text.Bytes(lowestBytes)],
            [$"left alone by the engine as {MixedMapping}, at most in one aggregation", Text.Bytes(namedBytes)],
            ["taken elsewhere in the process (cold parts of its runtime)", Text.Bytes(scheme.AwayBytes)]);
        stage.Report.Say("Better nothing than a guess. The backends IdlePage and Kernel look at single pages and would find the cold seven eighths.");
        _end.Add(Bounds.MixedStays(before.RegionBytes[0], lowestBytes), Bounds.MixedReported(namedBytes, mixed.SizeBytes));
        return _end;
    }
}

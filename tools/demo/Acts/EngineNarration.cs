using System.Globalization;
using Damon.Demo.Events;
using Damon.Demo.Reports;

namespace Damon.Demo.Acts;

/// <summary>Tells a run of the engine while it goes on, a line for each of its reports.</summary>
/// <param name="report">Where to.</param>
/// <param name="away">What <c>awayBytes</c> means in this run.</param>
internal sealed class EngineNarration(Report report, string away)
{
    public void Tell(EngineAggregation aggregation)
    {
        var scheme = aggregation.Scheme;
        var elapsed = TimeSpan.FromMilliseconds(aggregation.ElapsedMs);
        var leftOut = string.Concat(scheme.LeftOut.Where(reason => reason.Value > 0).Select(reason => $"   {reason.Key} {Text.Bytes(reason.Value)}"));
        var held = scheme.HeldBy.Length == 0 ? "" : $"   held by {scheme.HeldBy}";
        report.Table([$"{Text.Seconds(elapsed),8}   cold now {Text.Bytes(scheme.MatchedNowBytes),10}   {away} {Text.Bytes(scheme.AwayBytes),10}{leftOut}{held}"]);
    }

    public void TellEnd(EngineRun run)
    {
        if (run.Summary is not { } summary)
            return;

        report.Table(
            ["CPU of the engine, its own figure", Text.Percent(summary.CpuShare)],
            ["CPU of its process between first and last report, from outside", Text.Percent(run.SteadyCpuShare)],
            ["CPU of its process in all, start of the runtime included", Text.Seconds(run.TotalCpu)],
            ["longest hold of the workload's memory lock", string.Create(CultureInfo.InvariantCulture, $"{summary.LongestStallMs:0.0} ms")]);
        if (run.LastSampleIntervalMs is { } sampleInterval)
            report.Table(["sample interval at the end: the engine lengthens it to stay cheap", string.Create(CultureInfo.InvariantCulture, $"{sampleInterval:0} ms")]);
        else
            report.Say("It completed no aggregation in this time.");
        if (run.UnreadLines > 0)
            report.Say($"{run.UnreadLines} lines of its output were not understood.");
    }
}

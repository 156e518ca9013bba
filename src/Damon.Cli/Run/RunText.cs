using Damon.Cli.Heatmaps;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.NodeAgent.Standalone;

namespace Damon.Cli.Run;

/// <summary>A run's summary for people, and the pieces that the live view shares with it.</summary>
internal static class RunText
{
    /// <summary>The regions that say most: the hottest ones first, the largest first among equals.</summary>
    public static List<(int Pid, Region Region)> HottestRegions(MonitoringSession session, int count) =>
        [.. session.Targets
            .SelectMany(target => Enumerable.Range(0, target.Regions.Count).Select(i => (Pid: target.Id, Region: target.Regions[i])))
            .OrderByDescending(item => item.Region.Accesses)
            .ThenByDescending(item => item.Region.SizeBytes)
            .Take(count)];

    /// <summary>The largest regions without any access.</summary>
    public static List<(int Pid, Region Region)> ColdestRegions(MonitoringSession session, int count) =>
        [.. session.Targets
            .SelectMany(target => Enumerable.Range(0, target.Regions.Count).Select(i => (Pid: target.Id, Region: target.Regions[i])))
            .Where(item => item.Region.Accesses == 0)
            .OrderByDescending(item => item.Region.SizeBytes)
            .Take(count)];

    public static void WriteSummary(TextWriter to, StandaloneRun run, string end)
    {
        var session = run.Session;
        to.WriteLine();
        to.WriteLine($"ended: {end} after {Format.Duration(run.Elapsed)}, {session.Aggregations} aggregations");
        to.WriteLine($"  backend {run.Backend}, sample interval {Format.Duration(session.Intervals.Sample)}, aggregation {Format.Duration(session.Intervals.Aggregation)}");
        to.WriteLine($"  resident before {Format.Bytes(run.ResidentBeforeBytes)}, now {Format.Bytes(run.ResidentNowBytes)}");
        to.WriteLine($"  engine {Format.Share(run.CpuShare)} of one CPU, at most {session.MaxProbesPerInterval} probes per sample interval"
            + (run.LongestStall > TimeSpan.Zero ? $", longest stall of a target {Format.Duration(run.LongestStall)}" : ""));
        if (run.Backend == MonitoringBackend.Kernel)
        {
            to.WriteLine($"  kdamond {Format.Duration(run.KdamondCpuTime)} of CPU time, begun anew {run.KernelRestarts} times");
        }

        foreach (var notice in run.Notices)
        {
            to.WriteLine($"  note: {notice}");
        }

        foreach (var scheme in session.Schemes)
        {
            SchemeText.Write(to, scheme);
        }

        foreach (var target in session.EndedTargets)
        {
            to.WriteLine($"  pid {target.Id}: {target.State}: {target.Reason}");
        }

        foreach (var undo in UndoReport.Of(run))
        {
            to.WriteLine($"  left behind by {undo.Scheme}: {Format.Bytes(undo.Bytes)} {undo.Message} ({undo.State})");
        }

        if (run.Heatmap is { } heatmap)
        {
            to.WriteLine();
            HeatmapText.Write(to, heatmap, session.Intervals.Aggregation);
        }
    }
}

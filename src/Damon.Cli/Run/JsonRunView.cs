using System.Text.Json;
using Damon.Engine.Machine;
using Damon.NodeAgent.Standalone;

namespace Damon.Cli.Run;

/// <summary>One JSON object a line: start, each aggregation, summary. The format is documented in docs/reference/damonctl.md.</summary>
internal sealed class JsonRunView(TextWriter to, BackendDecision decision) : IRunView
{
    private const int ShareDecimals = 6;

    public RunEnd Show(Func<RunEnd> run) => run();

    public void OnStarted(StandaloneRun run) => Write(json =>
    {
        json.WriteString("type", "start");
        json.WriteString("backend", run.Backend.ToString());
        json.WriteString("reason", decision.Message);
        WriteKdamond(json, run);
        WriteIntervals(json, run);
        WriteSchemes(json, run);
        WriteTargets(json, run);
    });

    public void OnAggregated(StandaloneRun run) => Write(json =>
    {
        json.WriteString("type", "aggregation");
        json.WriteNumber("elapsedMs", (long)run.Elapsed.TotalMilliseconds);
        WriteIntervals(json, run);
        WriteKdamond(json, run);
        WriteTargets(json, run);
        WriteSchemes(json, run);
        json.WriteNumber("engineCpuShare", Math.Round((decimal)run.CpuShare, ShareDecimals));
    });

    public void OnEnded(StandaloneRun run, string end) => Write(json =>
    {
        json.WriteString("type", "summary");
        json.WriteString("ended", end);
        json.WriteNumber("elapsedMs", (long)run.Elapsed.TotalMilliseconds);
        WriteIntervals(json, run);
        json.WriteNumber("aggregations", run.Session.Aggregations);
        json.WriteNumber("residentBeforeBytes", run.ResidentBeforeBytes);
        json.WriteNumber("residentAfterBytes", run.ResidentNowBytes);
        WriteSchemes(json, run);
        json.WriteStartObject("engine");
        json.WriteNumber("cpuSeconds", Math.Round((decimal)run.CpuTime.TotalSeconds, ShareDecimals));
        json.WriteNumber("wallSeconds", Math.Round((decimal)run.Elapsed.TotalSeconds, ShareDecimals));
        json.WriteNumber("cpuShare", Math.Round((decimal)run.CpuShare, ShareDecimals));
        json.WriteNumber("longestStallMs", Math.Round((decimal)run.LongestStall.TotalMilliseconds, 3));
        json.WriteNumber("maxProbesPerInterval", run.Session.MaxProbesPerInterval);
        json.WriteEndObject();
        WriteKernel(json, run);
        json.WriteStartArray("endedTargets");
        foreach (var target in run.Session.EndedTargets)
        {
            json.WriteStartObject();
            json.WriteNumber("pid", target.Id);
            json.WriteString("state", target.State.ToString());
            json.WriteString("reason", target.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("undo");
        foreach (var undo in UndoReport.Of(run))
        {
            json.WriteStartObject();
            json.WriteString("scheme", undo.Scheme);
            json.WriteString("state", undo.State);
            json.WriteNumber("bytes", undo.Bytes);
            json.WriteString("message", undo.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public void OnNotice(StandaloneRun run, string notice) => Write(json =>
    {
        json.WriteString("type", "notice");
        json.WriteNumber("elapsedMs", (long)run.Elapsed.TotalMilliseconds);
        json.WriteString("message", notice);
    });

    private static void WriteKdamond(Utf8JsonWriter json, StandaloneRun run)
    {
        if (run.Backend == MonitoringBackend.Kernel)
        {
            json.WriteNumber("kdamondPid", run.KdamondPid);
        }
    }

    private static void WriteKernel(Utf8JsonWriter json, StandaloneRun run)
    {
        if (run.Backend != MonitoringBackend.Kernel)
        {
            return;
        }

        json.WriteStartObject("kernel");
        json.WriteNumber("cpuSeconds", Math.Round((decimal)run.KdamondCpuTime.TotalSeconds, ShareDecimals));
        json.WriteNumber("restarts", run.KernelRestarts);
        json.WriteString("error", run.KernelError);
        json.WriteEndObject();
    }

    private static void WriteIntervals(Utf8JsonWriter json, StandaloneRun run)
    {
        json.WriteNumber("sampleIntervalMs", (decimal)run.Session.Intervals.Sample.Ticks / TimeSpan.TicksPerMillisecond);
        json.WriteNumber("aggregationIntervalMs", (decimal)run.Session.Intervals.Aggregation.Ticks / TimeSpan.TicksPerMillisecond);
    }

    private static void WriteSchemes(Utf8JsonWriter json, StandaloneRun run)
    {
        json.WriteStartArray("schemes");
        foreach (var scheme in run.Session.Schemes)
        {
            SchemeJson.Write(json, scheme);
        }

        json.WriteEndArray();
    }

    private static void WriteTargets(Utf8JsonWriter json, StandaloneRun run)
    {
        json.WriteStartArray("targets");
        foreach (var target in run.Session.Targets)
        {
            json.WriteStartObject();
            json.WriteNumber("pid", target.Id);
            json.WriteNumber("regions", target.Regions.Count);
            json.WriteNumber("monitoredBytes", target.Regions.TotalBytes);
            json.WriteNumber("residentBytes", run.ResidentBytesOf(target.Id));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Write(Action<Utf8JsonWriter> content) => JsonOutput.Write(to, stream =>
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        content(json);
        json.WriteEndObject();
    });
}

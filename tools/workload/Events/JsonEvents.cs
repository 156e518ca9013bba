using Damon.Workload.Runs;

namespace Damon.Workload.Events;

/// <summary>The run as JSON lines. The names and units of the properties are documented in docs/workload.md and other programs read them.</summary>
/// <param name="lines">Where they go.</param>
internal sealed class JsonEvents(JsonLine lines) : IRunObserver
{
    public void OnStart(RunStart start) => lines.Write(json =>
    {
        json.WriteString("event", "ready");
        json.WriteNumber("elapsedMs", Figures.Milliseconds(start.At.Elapsed));
        json.WriteNumber("monotonicNs", start.At.MonotonicNanoseconds);
        json.WriteString("pattern", start.Pattern);
        json.WriteNumber("pid", start.ProcessId);
        json.WriteNumber("pageBytes", start.PageBytes);
        json.WriteStartArray("regions");
        foreach (var region in start.Regions)
        {
            json.WriteStartObject();
            json.WriteString("name", region.Name);
            json.WriteNumber("start", region.Start);
            json.WriteNumber("end", region.End);
            json.WriteString("backing", region.Backing.ToString());
            json.WriteString("file", region.File);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public void OnProgress(Progress progress) => lines.Write(json =>
    {
        json.WriteString("event", "progress");
        json.WriteNumber("elapsedMs", Figures.Milliseconds(progress.At.Elapsed));
        json.WriteNumber("monotonicNs", progress.At.MonotonicNanoseconds);
        json.WriteString("phase", progress.Phase);
        json.WriteNumber("intervalMs", Figures.Milliseconds(progress.Interval));
        json.WriteNumber("accesses", progress.Accesses);
        json.WriteNumber("accessesPerSecond", Figures.PerSecond(progress.Accesses, progress.Interval));
    });

    public void OnPhaseEnd(PhaseEnd end) => lines.Write(json =>
    {
        json.WriteString("event", "phase-end");
        json.WriteNumber("elapsedMs", Figures.Milliseconds(end.To.Elapsed));
        json.WriteNumber("monotonicNs", end.To.MonotonicNanoseconds);
        json.WriteString("phase", end.Phase);
        json.WriteNumber("occurrence", end.Occurrence);
        json.WriteNumber("fromMs", Figures.Milliseconds(end.From.Elapsed));
        json.WriteNumber("toMs", Figures.Milliseconds(end.To.Elapsed));
        json.WriteNumber("accesses", end.Accesses);
        json.WriteNumber("accessesPerSecond", Figures.PerSecond(end.Accesses, end.Duration));
    });

    public void OnEnd(RunEnd end) => lines.Write(json =>
    {
        json.WriteString("event", "end");
        json.WriteNumber("elapsedMs", Figures.Milliseconds(end.At.Elapsed));
        json.WriteNumber("monotonicNs", end.At.MonotonicNanoseconds);
        json.WriteString("reason", end.Interrupted ? "interrupted" : "completed");
        json.WriteNumber("accesses", end.Accesses);
        json.WriteNumber("accessesPerSecond", Figures.PerSecond(end.Accesses, end.At.Elapsed));
    });
}

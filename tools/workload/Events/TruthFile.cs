using Damon.Workload.Runs;

namespace Damon.Workload.Events;

/// <summary>What was really done, one JSON line for each phase and region: what a monitor's findings are held against.</summary>
/// <param name="lines">Where they go.</param>
internal sealed class TruthFile(JsonLine lines) : IRunObserver
{
    public void OnStart(RunStart start)
    {
    }

    public void OnProgress(Progress progress)
    {
    }

    public void OnPhaseEnd(PhaseEnd end)
    {
        foreach (var region in end.Regions)
            Write(end, region);
    }

    public void OnEnd(RunEnd end)
    {
    }

    private void Write(PhaseEnd end, RegionTruth region) => lines.Write(json =>
    {
        json.WriteString("phase", end.Phase);
        json.WriteNumber("occurrence", end.Occurrence);
        json.WriteString("region", region.Region);
        json.WriteNumber("fromMs", Figures.Milliseconds(end.From.Elapsed));
        json.WriteNumber("toMs", Figures.Milliseconds(end.To.Elapsed));
        json.WriteNumber("fromMonotonicNs", end.From.MonotonicNanoseconds);
        json.WriteNumber("toMonotonicNs", end.To.MonotonicNanoseconds);
        json.WriteBoolean("accessed", region.Accessed);
        json.WriteNumber("accesses", region.Accesses);
        json.WriteNumber("pages", region.Pages);
        json.WriteNumber("accessedPages", region.AccessedPages);
        json.WriteNumber("shareOfPagesAccessed", region.ShareOfPagesAccessed);
        json.WriteNumber("accessesPerPagePerSecond", region.AccessesPerPagePerSecond(end.Duration));
        json.WriteStartArray("windows");
        foreach (var window in region.Windows)
        {
            json.WriteStartObject();
            json.WriteNumber("share", window.Share);
            json.WriteNumber("speedPerSecond", window.SpeedPerSecond);
            json.WriteNumber("originMs", Figures.Milliseconds(end.WindowOrigin));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}

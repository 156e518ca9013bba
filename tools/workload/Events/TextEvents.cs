using Damon.Workload.Runs;

namespace Damon.Workload.Events;

/// <summary>The run as lines for a reader at a terminal; their form may change.</summary>
/// <param name="output">Where they go; flushes each line by itself.</param>
internal sealed class TextEvents(TextWriter output) : IRunObserver
{
    public void OnStart(RunStart start)
    {
        output.WriteLine($"ready: pattern {start.Pattern}, pid {start.ProcessId}");
        foreach (var region in start.Regions)
        {
            var file = region.File is null ? "" : $"  {region.File}";
            output.WriteLine($"  {region.Name,-16} 0x{region.Start:x}-0x{region.End:x}  {Figures.Bytes(region.SizeBytes),10}  {region.Backing}{file}");
        }
    }

    public void OnProgress(Progress progress) =>
        output.WriteLine($"{progress.At.Elapsed.TotalSeconds,9:0.0} s  {progress.Phase,-16} {Figures.PerSecond(progress.Accesses, progress.Interval),16:#,0} accesses/s");

    public void OnPhaseEnd(PhaseEnd end) =>
        output.WriteLine(
            $"{end.To.Elapsed.TotalSeconds,9:0.0} s  {end.Phase,-16} {Figures.PerSecond(end.Accesses, end.Duration),16:#,0} accesses/s over its {end.Duration.TotalSeconds:0.0} s");

    public void OnEnd(RunEnd end) =>
        output.WriteLine($"{(end.Interrupted ? "interrupted" : "completed")} after {end.At.Elapsed.TotalSeconds:0.0} s: {end.Accesses:#,0} accesses");
}

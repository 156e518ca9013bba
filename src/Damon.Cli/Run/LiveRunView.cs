using Damon.Engine.Schemes;
using Damon.NodeAgent.Standalone;
using Spectre.Console;
using Spectre.Console.Rendering;
using Region = Damon.Engine.Regions.Region;

namespace Damon.Cli.Run;

/// <summary>A table on the terminal that is drawn anew after each aggregation.</summary>
internal sealed class LiveRunView : IRunView
{
    private const int ShownRegions = 6;
    private const int ShownTargets = 8;

    private readonly CliEnvironment _environment;
    private readonly BackendDecision _decision;
    private readonly IAnsiConsole _console;
    private LiveDisplayContext? _display;

    public LiveRunView(CliEnvironment environment, BackendDecision decision)
    {
        _environment = environment;
        _decision = decision;
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Out) });
    }

    public RunEnd Show(Func<RunEnd> run)
    {
        var end = RunEnd.NoTarget;
        _console.Live(new Text("looking for targets …")).Start(display =>
        {
            _display = display;
            end = run();
        });
        return end;
    }

    public void OnStarted(StandaloneRun run) => Draw(run);

    public void OnAggregated(StandaloneRun run) => Draw(run);

    public void OnEnded(StandaloneRun run, string end) => RunText.WriteSummary(_environment.Out, run, end);

    private void Draw(StandaloneRun run)
    {
        _display?.UpdateTarget(new Rows(Header(run), Targets(run), Schemes(run), Regions(run)));
        _display?.Refresh();
    }

    private Text Header(StandaloneRun run) => new(
        $"{run.Backend}: {_decision.Message}\n"
        + $"{Format.Duration(run.Elapsed)}, sample {Format.Duration(run.Session.Intervals.Sample)}, aggregation {Format.Duration(run.Session.Intervals.Aggregation)}, "
        + $"resident {Format.Bytes(run.ResidentBeforeBytes)} → {Format.Bytes(run.ResidentNowBytes)}, engine {Format.Share(run.CpuShare)} of one CPU. Ctrl-C ends.");

    private static Table Targets(StandaloneRun run)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("PID", "REGIONS", "MONITORED", "RESIDENT");
        foreach (var target in run.Session.Targets.Take(ShownTargets))
        {
            AddRow(table, $"{target.Id}", $"{target.Regions.Count}", Format.Bytes(target.Regions.TotalBytes), Format.Bytes(run.ResidentBytesOf(target.Id)));
        }

        if (run.Session.Targets.Count > ShownTargets)
        {
            AddRow(table, $"and {run.Session.Targets.Count - ShownTargets} more", "", "", "");
        }

        return table;
    }

    private static Table Schemes(StandaloneRun run)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("SCHEME", "ACTION", "MODE", "MATCHED", "ADVISED", "EFFECT", "ACCESSED SINCE", "HELD BY");
        foreach (var scheme in run.Session.Schemes)
        {
            var statistics = scheme.Statistics;
            var effect = scheme.Description.Mode == SchemeMode.Observe ? "predicted " : "";
            AddRow(
                table,
                scheme.Description.Name,
                scheme.Description.Action.ToString(),
                scheme.Description.Mode.ToString(),
                Format.Bytes(statistics.MatchedNowBytes),
                Format.Bytes(statistics.AdvisedBytes),
                effect + Format.Bytes(statistics.AppliedBytes),
                Format.Bytes(statistics.RefaultBytes),
                statistics.HeldBy);
        }

        return table;
    }

    private static Table Regions(StandaloneRun run)
    {
        var session = run.Session;
        var table = new Table().Border(TableBorder.Simple).AddColumns("REGIONS BY HEAT", "PID", "SIZE", "ACCESS RATE", "AGE");
        foreach (var (pid, region) in RunText.HottestRegions(session, ShownRegions).Concat(RunText.ColdestRegions(session, ShownRegions)).Distinct())
        {
            AddRegion(table, run, pid, region);
        }

        return table;
    }

    private static void AddRegion(Table table, StandaloneRun run, int pid, Region region)
    {
        var intervals = run.Session.Intervals;
        AddRow(
            table,
            region.Range.ToString(),
            $"{pid}",
            Format.Bytes(region.SizeBytes),
            Format.Share((double)region.Accesses / intervals.SamplesPerAggregation),
            Format.Duration(intervals.Aggregation * region.Age));
    }

    /// <summary>Cells are plain text: a name with brackets must not be read as markup.</summary>
    private static void AddRow(Table table, params string[] cells) => table.AddRow(Array.ConvertAll<string, IRenderable>(cells, cell => new Text(cell)));
}

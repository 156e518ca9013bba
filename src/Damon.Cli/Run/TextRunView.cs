using Damon.Engine.Schemes;
using Damon.NodeAgent.Standalone;

namespace Damon.Cli.Run;

/// <summary>One line per aggregation, for output that is not a terminal.</summary>
internal sealed class TextRunView(TextWriter to, BackendDecision decision) : IRunView
{
    public RunEnd Show(Func<RunEnd> run) => run();

    public void OnStarted(StandaloneRun run)
    {
        to.WriteLine($"backend {run.Backend}: {decision.Message}{(run.KdamondPid > 0 ? $" kdamond pid {run.KdamondPid}." : "")}");
        foreach (var scheme in run.Session.Schemes)
        {
            to.WriteLine($"scheme {scheme.Description.Name}: {scheme.Description.Action}, {scheme.Description.Mode}");
        }

        to.Flush();
    }

    public void OnAggregated(StandaloneRun run)
    {
        foreach (var scheme in run.Session.Schemes)
        {
            var statistics = scheme.Statistics;
            var effect = scheme.Description.Mode == SchemeMode.Observe ? "predicted" : "freed";
            to.WriteLine(
                $"{Format.Duration(run.Elapsed),8}  {scheme.Description.Name}: matched {Format.Bytes(statistics.MatchedNowBytes)}, {effect} {Format.Bytes(statistics.AppliedBytes)}, "
                + $"resident {Format.Bytes(run.ResidentNowBytes)}, engine {Format.Share(run.CpuShare)}{(statistics.HeldBy.Length > 0 ? ", held by " + statistics.HeldBy : "")}");
        }

        to.Flush();
    }

    public void OnNotice(StandaloneRun run, string notice)
    {
        to.WriteLine($"{Format.Duration(run.Elapsed),8}  note: {notice}");
        to.Flush();
    }

    public void OnEnded(StandaloneRun run, string end) => RunText.WriteSummary(to, run, end);
}

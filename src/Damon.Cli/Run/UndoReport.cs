using Damon.Engine.Schemes;
using Damon.NodeAgent.Standalone;

namespace Damon.Cli.Run;

/// <summary>What is left behind when a run ends. None of the actions of this version leaves a setting to take back; what was done to pages stays done.</summary>
/// <param name="Scheme">The scheme that did it.</param>
/// <param name="State">Irreversible: nothing is left to restore, and what was done stays.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Message">What that means.</param>
internal readonly record struct UndoReport(string Scheme, string State, ulong Bytes, string Message)
{
    public static IEnumerable<UndoReport> Of(StandaloneRun run)
    {
        foreach (var scheme in run.Session.Schemes)
        {
            var statistics = scheme.Statistics;
            if (scheme.Description.Mode != SchemeMode.Enforce || statistics.AdvisedBytes == 0)
            {
                continue;
            }

            var (bytes, message) = scheme.Description.Action switch
            {
                SchemeAction.Pageout => (statistics.AppliedBytes, "paged out; each page comes back by itself when it is accessed"),
                SchemeAction.Cold => (statistics.AdvisedBytes, "marked cold; the mark goes with the next access"),
                SchemeAction.WillNeed => (statistics.AdvisedBytes, "read ahead; unused pages are dropped first under pressure"),
                SchemeAction.Collapse => (statistics.AppliedBytes, "made huge pages; the kernel splits them when it needs to"),
                SchemeAction.MigrateHot or SchemeAction.MigrateCold => (statistics.AppliedBytes, "moved to other memory nodes; it stays there until it is moved again or given back"),
                _ => (statistics.AppliedBytes, ""),
            };
            yield return new UndoReport(scheme.Description.Name, "Irreversible", bytes, message);
        }
    }
}

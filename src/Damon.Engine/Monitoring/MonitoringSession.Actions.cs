using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <content>What the actions have in common, and where they differ.</content>
public sealed partial class MonitoringSession
{
    private static bool WantsColdMemory(SchemeAction action) =>
        action is SchemeAction.Pageout or SchemeAction.Cold or SchemeAction.Reclaim or SchemeAction.MigrateCold or SchemeAction.LruDeprio;

    /// <summary>Whether it makes resident sets smaller, which the floor bounds.</summary>
    private static bool TakesMemory(SchemeAction action) => action is SchemeAction.Pageout or SchemeAction.Reclaim;

    /// <summary>Whether there is a number whose change is the effect.</summary>
    internal static bool IsMeasurable(SchemeAction action) =>
        action is SchemeAction.Pageout or SchemeAction.Collapse or SchemeAction.MigrateHot or SchemeAction.MigrateCold or SchemeAction.Reclaim;

    private static void NoteRefault(SchemeRun scheme, SessionTarget target, ulong bytes)
    {
        scheme.Statistics.RefaultBytes += bytes;
        target.RefaultBytes += scheme.Description.Mode == SchemeMode.Enforce ? bytes : 0;
    }

    /// <summary>
    /// Whether memory that was acted on stays within reach, so that only the ledger knows that it was. Reclaim is measured and counts once all the same: the kernel may have taken other pages, and
    /// asking again for those that stayed would in the end take everything.
    /// </summary>
    private static bool CountsOnce(SchemeAction action) => !IsMeasurable(action) || action == SchemeAction.Reclaim;

    /// <summary>
    /// Whether an access takes memory out of the ledger again. For what was put away that is a wrong guess. Memory on a slow node stays there when it is accessed; it leaves the ledger as if it came
    /// back, which a scheme for the other way sees to. Hot memory that was moved or made into huge pages is meant to be accessed: its ledger stays.
    /// </summary>
    internal static bool IsUndoneByAccess(SchemeAction action) =>
        action is not (SchemeAction.MigrateHot or SchemeAction.Collapse or SchemeAction.HugePage or SchemeAction.NoHugePage or SchemeAction.LruPrio);
}

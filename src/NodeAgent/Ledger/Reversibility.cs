using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Ledger;

/// <summary>Which actions can be taken back, and why the others cannot: the ledger calls those <c>Irreversible</c>.</summary>
internal static class Reversibility
{
    /// <summary>Why an action is not taken back; null for one that is.</summary>
    /// <param name="action">The action.</param>
    public static string? WhyNot(SchemeAction action) => action switch
    {
        SchemeAction.MigrateHot or SchemeAction.MigrateCold => null,
        SchemeAction.Stat => "it changes nothing",
        SchemeAction.Pageout or SchemeAction.Reclaim => "memory comes back by itself when it is accessed; reading all of it in would do the harm that undoing is to prevent",
        SchemeAction.Cold or SchemeAction.LruPrio or SchemeAction.LruDeprio => "the order of the kernel's page lists was not known before, and changes by itself",
        SchemeAction.WillNeed => "memory that was read in and is not used is reclaimed by itself",
        SchemeAction.Collapse => "the kernel splits huge pages by itself when it is short of memory",
        SchemeAction.HugePage or SchemeAction.NoHugePage => "the kernel has advice for and against huge pages, and no way back to none; it ends with the mapping",
        _ => "not known",
    };
}

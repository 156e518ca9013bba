using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Ledger;

/// <summary>One record of the file; which of the optional parts there are depends on the kind.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Id">Which change it is about; 0 for none.</param>
internal sealed record LedgerEntry(LedgerEntryKind Kind, ulong Id)
{
    /// <summary>The change, of an intent.</summary>
    public LedgerChange? Change { get; init; }

    /// <summary>The boot's id, the value that was read back or rebased, or the scheme.</summary>
    public string Text { get; init; } = "";

    public SchemeAction Action { get; init; }

    public ulong Bytes { get; init; }
}

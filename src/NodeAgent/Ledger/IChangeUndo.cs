namespace Damon.NodeAgent.Ledger;

/// <summary>Puts changes back. Each call compares with what is there now and does nothing where that is not what was left there: it may be asked for the same change twice.</summary>
internal interface IChangeUndo
{
    /// <summary>Puts one change back.</summary>
    UndoOutcome Undo(LedgerChange change);
}

namespace Damon.NodeAgent.Ledger;

/// <summary>How the undoing of one change ended.</summary>
internal enum UndoOutcome
{
    /// <summary>It was put back.</summary>
    Undone,

    /// <summary>It was as before already: the action never happened, or an earlier undoing was not written down.</summary>
    AlreadyUndone,

    /// <summary>The process or the control group is gone, and the change with it.</summary>
    Gone,

    /// <summary>Somebody else has changed it since: what is there now is theirs, and stays.</summary>
    Superseded,

    /// <summary>It could not be put back now; it is still owed.</summary>
    Failed,
}

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>Where an agent dies.</summary>
internal enum KillStep
{
    /// <summary>Wherever it happens to be when the signal comes from outside.</summary>
    Anywhere,

    /// <summary>Before a turn of the loop.</summary>
    Turn,

    /// <summary>Before, in or after a write to the ledger's file.</summary>
    Write,

    /// <summary>Before or after the ledger's file is replaced.</summary>
    Replace,

    /// <summary>Before a page is moved by an action.</summary>
    Moved,

    /// <summary>Before a page is put back.</summary>
    PutBack,
}

using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Ledger;

/// <summary>What an undoing did.</summary>
/// <param name="Undone">Changes that were put back.</param>
/// <param name="AlreadyUndone">That were as before already.</param>
/// <param name="Gone">Whose subject is gone.</param>
/// <param name="Superseded">That somebody else has changed since.</param>
/// <param name="Owed">That are still owed, because putting them back failed.</param>
/// <param name="Irreversible">Bytes that were acted on in ways that are not taken back, by action.</param>
internal sealed record UndoReport(int Undone, int AlreadyUndone, int Gone, int Superseded, int Owed, IReadOnlyDictionary<SchemeAction, ulong> Irreversible)
{
    /// <summary>Whether nothing that can be put back is owed any more.</summary>
    public bool IsComplete => Owed == 0;
}

namespace Damon.NodeAgent.Ledger;

/// <summary>What is to be undone.</summary>
/// <param name="Scheme">Only this scheme's changes; null for all.</param>
/// <param name="Pod">Only changes on this pod; null for all.</param>
internal readonly record struct LedgerScope(string? Scheme = null, string? Pod = null)
{
    public static LedgerScope All => default;

    public bool Contains(LedgerChange change) => (Scheme is null || Scheme == change.Scheme) && (Pod is null || Pod == change.Pod);
}

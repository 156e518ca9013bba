namespace Damon.NodeAgent.Ledger;

/// <summary>How large a ledger may become.</summary>
internal sealed record LedgerBounds
{
    public static LedgerBounds Default { get; } = new();

    /// <summary>A file above this, and above four times what is owed in it, is written anew with what is owed alone.</summary>
    public int CompactAboveBytes { get; init; } = 256 * 1024;

    /// <summary>With so much owed no further reversible change is made.</summary>
    public int MaxOwedBytes { get; init; } = 4 * 1024 * 1024;
}

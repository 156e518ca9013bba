namespace Damon.NodeAgent.Ledger;

/// <summary>The records of the file. The numbers are the file's format: never given anew.</summary>
internal enum LedgerEntryKind : byte
{
    /// <summary>Whose run of the kernel what follows is about.</summary>
    Boot = 1,

    /// <summary>A change is about to be made.</summary>
    Intent = 2,

    /// <summary>It was made.</summary>
    Applied = 3,

    /// <summary>It is no longer owed: it was never made, was put back, or its subject is gone.</summary>
    Settled = 4,

    /// <summary>What a file said before is something else now, because an earlier change of it was settled in between.</summary>
    Rebased = 5,

    /// <summary>The sum of what was done by one action of one scheme and is not taken back.</summary>
    Irreversible = 6,
}

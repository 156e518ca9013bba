namespace Damon.Engine.KernelDamon;

/// <summary>Whose the kernel's DAMON is.</summary>
internal enum OwnershipKind
{
    /// <summary>Nobody's.</summary>
    Free,

    /// <summary>This process's.</summary>
    Own,

    /// <summary>Another running agent's of ours.</summary>
    OwnAgent,

    /// <summary>An agent's of ours that has ended without giving it back.</summary>
    Predecessor,

    /// <summary>Somebody else's, or not provably ours.</summary>
    Foreign,

    /// <summary>Not known: it cannot be read.</summary>
    Unreadable,
}

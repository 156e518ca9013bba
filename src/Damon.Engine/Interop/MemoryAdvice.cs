namespace Damon.Engine.Interop;

/// <summary>Advice values of madvise(2) that process_madvise(2) accepts for another process. Same on every architecture this product runs on.</summary>
internal static class MemoryAdvice
{
    /// <summary>Read ahead. Since 5.10 through process_madvise.</summary>
    public const int WillNeed = 3;

    /// <summary>Deactivate: first to go under pressure. Since 5.10.</summary>
    public const int Cold = 20;

    /// <summary>Reclaim now. Since 5.10.</summary>
    public const int PageOut = 21;

    /// <summary>Make huge pages now, synchronously. Since 6.1.</summary>
    public const int Collapse = 25;

    /// <summary>Use huge pages from now on. No kernel takes it for another process until now: only asked about.</summary>
    public const int HugePage = 14;

    /// <summary>Use none from now on. As <see cref="HugePage"/>.</summary>
    public const int NoHugePage = 15;

    /// <summary>No kernel has negative advice: whoever takes this takes everything, and says nothing.</summary>
    public const int Nonsense = -1;
}

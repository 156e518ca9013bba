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
}

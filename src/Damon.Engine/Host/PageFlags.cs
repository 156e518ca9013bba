namespace Damon.Engine.Host;

/// <summary>The bits of <c>/proc/kpageflags</c> used here, one 64-bit entry per frame (kernel documentation, admin-guide/mm/pagemap).</summary>
[Flags]
internal enum PageFlags : ulong
{
    None = 0,

    /// <summary>On one of the page lists; only such pages have an idle state.</summary>
    Lru = 1UL << 5,

    /// <summary>On an active list.</summary>
    Active = 1UL << 6,

    /// <summary>Anonymous.</summary>
    Anonymous = 1UL << 12,

    /// <summary>In the swap cache: on its way to swap, or back.</summary>
    SwapCache = 1UL << 13,

    /// <summary>First page of a large folio; it alone carries the folio's state.</summary>
    CompoundHead = 1UL << 15,

    /// <summary>Another page of a large folio.</summary>
    CompoundTail = 1UL << 16,

    /// <summary>Of the huge-page file system.</summary>
    HugeTlb = 1UL << 17,
}

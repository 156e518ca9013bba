namespace Damon.Engine.Schemes;

/// <summary>
/// A scheme's filters on single pages, in their order. An immutable value of the size of a reference: passing it on costs nothing. The default value lets everything
/// through.
/// </summary>
public readonly struct PageFilters : IEquatable<PageFilters>
{
    /// <summary>The most page filters that a scheme may have.</summary>
    public const int MaxCount = 32;

    private readonly SchemeFilter[]? _filters;

    /// <summary>Makes a chain.</summary>
    /// <param name="filters">In order; those on regions are left out.</param>
    /// <exception cref="ArgumentException">There are more than <see cref="MaxCount"/> on pages.</exception>
    public PageFilters(IEnumerable<SchemeFilter> filters)
    {
        SchemeFilter[] pages = [.. filters.Where(filter => !filter.IsOfRegions)];
        if (pages.Length > MaxCount)
        {
            throw new ArgumentException($"{pages.Length} page filters are more than {MaxCount}.", nameof(filters));
        }

        _filters = pages.Length == 0 ? null : pages;
    }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _filters is null;

    /// <summary>The filters, in their order.</summary>
    public ReadOnlySpan<SchemeFilter> All => _filters;

    /// <summary>Whether a page that no filter is about is held back.</summary>
    public bool HoldsBackByDefault => _filters is { } filters && filters[^1].Allow;

    /// <summary>Which facts a page is judged by.</summary>
    public PageFactKinds Needs
    {
        get
        {
            var needs = PageFactKinds.None;
            foreach (var filter in All)
            {
                needs |= FactOf(filter.Type);
            }

            return needs;
        }
    }

    /// <summary>Whether two are the same chain of the same scheme.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(PageFilters left, PageFilters right) => left.Equals(right);

    /// <summary>Whether two are different chains.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(PageFilters left, PageFilters right) => !left.Equals(right);

    /// <summary>Whether a page is let through: the first filter that is about it decides. A page is held back where that filter cannot be judged.</summary>
    /// <param name="page">What is known of it.</param>
    public bool Pass(in PageFacts page)
    {
        if (_filters is null)
        {
            return true;
        }

        for (var i = 0; i < _filters.Length; i++)
        {
            var filter = _filters[i];
            var needed = FactOf(filter.Type);
            if ((page.Known & needed) != needed)
            {
                return false;
            }

            var isSo = filter.Type switch
            {
                SchemeFilterType.Anonymous => page.IsAnonymous,
                SchemeFilterType.Active => page.IsActive,
                SchemeFilterType.Young => page.IsYoung,
                SchemeFilterType.HugePageSize => page.FolioBytes >= filter.MinSizeBytes && page.FolioBytes <= filter.MaxSizeBytes,
                SchemeFilterType.Cgroup => ((page.CgroupFilters >> i) & 1) != 0,
                _ => false,
            };
            if (isSo == filter.Matching)
            {
                return filter.Allow;
            }
        }

        return !HoldsBackByDefault;
    }

    /// <inheritdoc/>
    public bool Equals(PageFilters other) => ReferenceEquals(_filters, other._filters);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PageFilters other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _filters?.GetHashCode() ?? 0;

    private static PageFactKinds FactOf(SchemeFilterType type) => type switch
    {
        SchemeFilterType.Anonymous => PageFactKinds.Anonymous,
        SchemeFilterType.Active => PageFactKinds.Active,
        SchemeFilterType.Young => PageFactKinds.Young,
        SchemeFilterType.HugePageSize => PageFactKinds.FolioSize,
        SchemeFilterType.Cgroup => PageFactKinds.Cgroup,
        _ => PageFactKinds.None,
    };
}

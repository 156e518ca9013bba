using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>Lets pages through or holds them back; the first filter of the list that matches a page decides.</summary>
public sealed record FilterSpec
{
    /// <summary>What is looked at.</summary>
    public required FilterType Type { get; init; }

    /// <summary>Whether the filter is about pages that are so (true) or that are not (false).</summary>
    public required bool Matching { get; init; }

    /// <summary>Whether those pages are let through (true) or held back (false).</summary>
    public required bool Allow { get; init; }

    /// <summary>For HugePageSize: the smallest size; at least one bound is given.</summary>
    public Quantity? Min { get; init; }

    /// <summary>For HugePageSize: the largest size, at least the smallest.</summary>
    public Quantity? Max { get; init; }
}

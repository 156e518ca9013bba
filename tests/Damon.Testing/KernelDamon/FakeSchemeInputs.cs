namespace Damon.Testing.KernelDamon;

/// <summary>What a scheme's files said when they were put in force.</summary>
public sealed record FakeSchemeInputs(string Action, ulong ApplyIntervalMicroseconds)
{
    /// <summary>The pattern's bounds: sizes in bytes; accesses and ages are 32 bits wide in the kernel whatever the files took.</summary>
    public required (ulong Min, ulong Max) SizeBytes { get; init; }

    /// <summary>Accesses.</summary>
    public required (uint Min, uint Max) Accesses { get; init; }

    /// <summary>Ages.</summary>
    public required (uint Min, uint Max) Age { get; init; }

    /// <summary>Milliseconds of work a window.</summary>
    public required ulong QuotaMilliseconds { get; init; }

    /// <summary>Bytes a window.</summary>
    public required ulong QuotaBytes { get; init; }

    /// <summary>A window.</summary>
    public required ulong QuotaWindowMilliseconds { get; init; }

    /// <summary>Of what was tried and could not be acted on, this part is charged; 0 of 0 for all.</summary>
    public (ulong Numerator, ulong Denominator) FailedCharge { get; init; }

    /// <summary>Goals whose target is not 0.</summary>
    public required IReadOnlyList<FakeGoal> Goals { get; init; }

    /// <summary>Watermarks: of the share of free memory, in permil, or none.</summary>
    public required (bool IsSet, ulong IntervalMicroseconds, ulong High, ulong Mid, ulong Low) Watermarks { get; init; }

    /// <summary>In the order in which they are asked.</summary>
    public required IReadOnlyList<FakeFilter> Filters { get; init; }

    /// <summary>After how many snapshots the scheme rests; 0 for never.</summary>
    public required ulong MaxSnapshots { get; init; }

    /// <summary>Whether there is any budget.</summary>
    public bool HasQuota => QuotaMilliseconds != 0 || QuotaBytes != 0 || Goals.Count != 0;

    /// <summary>Whether a region is of the pattern.</summary>
    internal bool Matches(FakeRegion region) =>
        SizeBytes.Min <= region.SizeBytes && region.SizeBytes <= SizeBytes.Max && Accesses.Min <= region.Accesses && region.Accesses <= Accesses.Max
        && Age.Min <= region.Age && region.Age <= Age.Max;

    /// <summary>Whether the filters on pages let a region's through: the first that is about them decides, and what none is about is held back where the last one lets something through (damos_pa_filter_out).</summary>
    internal bool PassesPages(FakeRegion region)
    {
        FakeFilter? last = null;
        foreach (var filter in Filters)
        {
            if (!filter.AsksPages)
            {
                continue;
            }

            last = filter;
            if (filter.IsAboutPages(region))
            {
                return filter.Allow;
            }
        }

        return last is not { Allow: true };
    }

    /// <summary>Whether the filters on regions let one through.</summary>
    internal bool Allows(FakeRegion region, int target)
    {
        FakeFilter? last = null;
        foreach (var filter in Filters)
        {
            if (filter.AsksPages)
            {
                continue;
            }

            last = filter;
            if (filter.IsAbout(region, target))
            {
                return filter.Allow;
            }
        }

        // What no filter is about: held back only where the last word was to let something through, and no filter on pages follows.
        return last is null || !last.Allow || Filters.Any(filter => filter.AsksPages);
    }
}

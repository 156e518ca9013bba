namespace Damon.Testing.KernelDamon;

/// <summary>A scheme in force: its place's statistics and what is charged stay while its inputs change.</summary>
public sealed class FakeRunningScheme
{
    /// <summary>Charging and splitting go by pages.</summary>
    internal const ulong PageBytes = 4096;

    private ulong _chargedBytes;
    private ulong? _windowStart;
    private bool _isNewer;

    internal FakeRunningScheme(FakeSchemeInputs inputs) => Inputs = inputs;

    /// <summary>What is in force.</summary>
    public FakeSchemeInputs Inputs { get; internal set; }

    /// <summary>Regions tried.</summary>
    public ulong TriedRegions { get; internal set; }

    /// <summary>Their bytes.</summary>
    public ulong TriedBytes { get; internal set; }

    /// <summary>Regions acted on.</summary>
    public ulong AppliedRegions { get; internal set; }

    /// <summary>Their bytes.</summary>
    public ulong AppliedBytes { get; internal set; }

    /// <summary>Bytes that filters on pages let through.</summary>
    public ulong FilterPassedBytes { get; internal set; }

    /// <summary>Windows whose budget was used up.</summary>
    public ulong QuotaExceeds { get; internal set; }

    /// <summary>Passes over the last region of a target with budget left.</summary>
    public ulong Snapshots { get; internal set; }

    /// <summary>Bytes of budget a window.</summary>
    public ulong EffectiveQuotaBytes { get; private set; }

    /// <summary>What the goals make of the budget; a test may say. The kernel begins with one byte.</summary>
    public ulong GoalQuotaBytes { get; set; } = 1;

    /// <summary>Whether watermarks let it work.</summary>
    public bool IsActivated { get; private set; } = true;

    internal ulong NextApply { get; set; }

    // On older kernels a budget of nothing is none.
    private bool HasBudget => EffectiveQuotaBytes != 0 || (_isNewer && Inputs.HasQuota);

    private bool IsQuotaFull => HasBudget && EffectiveQuotaBytes - Math.Min(_chargedBytes, EffectiveQuotaBytes) < PageBytes;

    /// <summary>Looks at the watermarks.</summary>
    /// <returns>For how long to rest; 0 for not.</returns>
    internal ulong CheckWatermarks(ulong freeMemoryPermil)
    {
        var (isSet, interval, high, mid, low) = Inputs.Watermarks;
        if (!isSet)
        {
            return 0;
        }

        if (freeMemoryPermil > high || freeMemoryPermil < low)
        {
            IsActivated = false;
            return interval;
        }

        if (!IsActivated && freeMemoryPermil >= mid)
        {
            return interval;
        }

        IsActivated = true;
        return 0;
    }

    /// <summary>A pass begins: a window may, too.</summary>
    /// <param name="now">When.</param>
    /// <param name="isNewer">Whether a budget is in force from the first window on, and ends with its last goal. On older kernels it is neither.</param>
    internal void BeginPass(ulong now, bool isNewer)
    {
        _isNewer = isNewer;
        if (!Inputs.HasQuota)
        {
            EffectiveQuotaBytes = isNewer ? 0 : EffectiveQuotaBytes;
            return;
        }

        // An older kernel sets the first budget when the second window begins.
        _windowStart ??= isNewer || Inputs.QuotaWindowMilliseconds == 0 ? null : now;
        if (_windowStart is { } start && now - start < Inputs.QuotaWindowMilliseconds * 1000)
        {
            return;
        }

        QuotaExceeds += _windowStart is not null && IsQuotaFull ? 1UL : 0;
        _windowStart = now;
        _chargedBytes = 0;
        EffectiveQuotaBytes = EffectiveQuota();
    }

    /// <summary>Tries a region.</summary>
    /// <returns>The parts of it that were tried.</returns>
    internal IReadOnlyList<FakeRegion> Try(FakeRegion region, int target, bool isLast)
    {
        if (!IsActivated || IsQuotaFull || (Inputs.MaxSnapshots != 0 && Inputs.MaxSnapshots <= Snapshots))
        {
            return [];
        }

        var tried = new List<FakeRegion>();
        if (Inputs.Matches(region))
        {
            foreach (var part in Split(region))
            {
                // A region is cut where the budget ends. What is left of it is the next region, which is come to where little of the cut one was charged.
                for (var rest = part; rest.SizeBytes > 0 && Inputs.Allows(rest, target); rest = rest.Within(tried[^1].End, rest.End))
                {
                    if (IsQuotaFull)
                    {
                        return tried;
                    }

                    tried.Add(Apply(rest));
                }
            }
        }

        // Only where there was budget left for the last region: a scheme that fills its budget in every window never counts.
        Snapshots += isLast ? 1UL : 0;
        return tried;
    }

    private FakeRegion Apply(FakeRegion part)
    {
        if (HasBudget)
        {
            var left = (EffectiveQuotaBytes - _chargedBytes) / PageBytes * PageBytes;
            part = part.Within(part.Start, part.Start + Math.Min(part.SizeBytes, left));
        }

        part = part.Cgroup is null ? part : part with { FilterPassedBytes = Inputs.PassesPages(part) ? part.SizeBytes : 0 };
        if (HasBudget)
        {
            var (numerator, denominator) = Inputs.FailedCharge;
            var applied = Inputs.Action == "stat" ? part.SizeBytes : part.FilterPassedBytes;
            _chargedBytes += denominator == 0 || applied > part.SizeBytes ? part.SizeBytes : applied + ((part.SizeBytes - applied) * numerator / denominator);
        }

        TriedRegions++;
        TriedBytes += part.SizeBytes;
        if (Inputs.Filters.Any(filter => filter.AsksPages))
        {
            FilterPassedBytes += part.FilterPassedBytes;
        }

        if (Inputs.Action != "stat" && part.FilterPassedBytes > 0)
        {
            AppliedRegions++;
            AppliedBytes += part.FilterPassedBytes;
        }

        return part;
    }

    private IEnumerable<FakeRegion> Split(FakeRegion region)
    {
        var start = region.Start;
        foreach (var bound in Inputs.Filters.Where(filter => filter.Type == "addr").SelectMany(filter => new[] { filter.Start, filter.End }).Order())
        {
            if (start < bound && bound < region.End)
            {
                yield return region.Within(start, bound);
                start = bound;
            }
        }

        yield return region.Within(start, region.End);
    }

    // The kernel takes 4 MiB a millisecond until it has measured; here it never does.
    private ulong EffectiveQuota()
    {
        if (Inputs.QuotaMilliseconds == 0 && Inputs.Goals.Count == 0)
        {
            return Inputs.QuotaBytes;
        }

        var bytes = Inputs.Goals.Count == 0 ? ulong.MaxValue : GoalQuotaBytes;
        bytes = Inputs.QuotaMilliseconds == 0 ? bytes : Math.Min(bytes, PageBytes * 1024 * Inputs.QuotaMilliseconds);
        return Inputs.QuotaBytes == 0 ? bytes : Math.Min(bytes, Inputs.QuotaBytes);
    }
}

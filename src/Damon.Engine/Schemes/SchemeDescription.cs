namespace Damon.Engine.Schemes;

/// <summary>A scheme as given to a session: which memory, what to do with it, how much of it.</summary>
/// <param name="Name">Unique within a session.</param>
/// <param name="Action">What to do.</param>
/// <param name="Pattern">Which memory.</param>
public sealed record SchemeDescription(string Name, SchemeAction Action, AccessPattern Pattern)
{
    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(720);

    /// <summary>Whether it acts.</summary>
    public SchemeMode Mode { get; init; } = SchemeMode.Observe;

    /// <summary>How much it may do.</summary>
    public SchemeQuota Quota { get; init; } = new();

    /// <summary>How often it is applied; zero for every aggregation.</summary>
    public TimeSpan ApplyInterval { get; init; }

    /// <summary>Where pages go: 1 to 16 memory nodes for <see cref="SchemeAction.MigrateHot"/> and <see cref="SchemeAction.MigrateCold"/>, none for every other action.</summary>
    public IReadOnlyList<MigrationDestination> Destinations { get; init; } = [];

    /// <summary>Whether a page that lies on any of the destinations stays there, as where they are the nodes of one tier; <see cref="MemoryAction.AnyDestinationWillDo"/>.</summary>
    public bool AnyDestinationWillDo { get; init; }

    /// <summary>Which of the matching memory is let through; the first that is about it decides. At most 32 on pages and 1024 on addresses and targets.</summary>
    public IReadOnlyList<SchemeFilter> Filters { get; init; } = [];

    /// <summary>When it rests; null for never.</summary>
    public SchemeWatermarks? Watermarks { get; init; }

    /// <summary>Whether it rests until it is told otherwise: its targets are looked at and its ledgers fade, and nothing is matched, counted or done.</summary>
    public bool IsSuspended { get; init; }

    /// <summary>Lists are compared item by item: two schemes read from the same text are the same scheme.</summary>
    /// <param name="other">The other one.</param>
    public bool Equals(SchemeDescription? other) =>
        other is not null
        && (Name, Action, Pattern, Mode, Quota, ApplyInterval, Watermarks, IsSuspended, AnyDestinationWillDo)
            == (other.Name, other.Action, other.Pattern, other.Mode, other.Quota, other.ApplyInterval, other.Watermarks, other.IsSuspended, other.AnyDestinationWillDo)
        && Destinations.SequenceEqual(other.Destinations)
        && Filters.SequenceEqual(other.Filters);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Action, Pattern, Mode, Quota, ApplyInterval, Destinations.Count, Filters.Count);

    internal void Check(string field, List<PlanError> errors)
    {
        if (!Enum.IsDefined(Action))
        {
            errors.Add(new PlanError($"{field}.action", $"{(int)Action} is no action"));
        }

        if (!Enum.IsDefined(Mode))
        {
            errors.Add(new PlanError($"{field}.mode", $"{(int)Mode} is no mode"));
        }

        if (Pattern is null)
        {
            errors.Add(new PlanError($"{field}.pattern", "is missing; a pattern without bounds matches everything"));
        }
        else
        {
            Pattern.Check($"{field}.pattern", errors);
        }

        if (Quota is null)
        {
            errors.Add(new PlanError($"{field}.quota", "is missing; a quota without limits limits nothing"));
        }
        else
        {
            Quota.Check($"{field}.quota", errors);
        }

        if (ApplyInterval < TimeSpan.Zero || ApplyInterval > MaxInterval)
        {
            errors.Add(new PlanError($"{field}.applyInterval", $"is {ApplyInterval}; from zero (every aggregation) to {MaxInterval} is possible"));
        }

        MigrationDestination.Check(Destinations, Action, $"{field}.destinations", errors);
        FilterChain.Check(Filters, $"{field}.filters", errors);
        if (Action == SchemeAction.Reclaim && Filters is { Count: > 0 })
        {
            errors.Add(new PlanError($"{field}.filters", "cannot hold for Reclaim, which lets the kernel choose the pages; leave them out, or take Pageout"));
        }

        Watermarks?.Check($"{field}.watermarks", errors);
    }
}

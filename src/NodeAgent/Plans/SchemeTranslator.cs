using Damon.Api.Schemes;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Plans;

/// <summary>
/// Turns a scheme of the API into one of the engine. A field that narrows what is acted on and is not carried out here makes the whole scheme
/// unsupported: acting without it would touch memory that the admin has excluded.
/// </summary>
public static class SchemeTranslator
{
    /// <summary>The reason of everything that this version cannot carry out.</summary>
    public const string UnsupportedField = "UnsupportedField";

    /// <summary>Translates a scheme.</summary>
    /// <param name="scheme">A scheme that has been read and checked.</param>
    /// <param name="mode">The mode in force: never above the scheme's own.</param>
    /// <param name="context">What of the machine decides; nothing is known of it where none is given.</param>
    public static SchemeTranslation Translate(DamonScheme scheme, Api.Schemes.SchemeMode mode, TranslationContext? context = null) =>
        Translate(scheme, mode, context ?? TranslationContext.Nothing, FindUnsupported(scheme.Spec, mode, context ?? TranslationContext.Nothing));

    /// <summary>Translates a scheme with <c>target.kind: Node</c>, which the kernel carries out. What this kernel cannot is said when it is compiled for it.</summary>
    /// <param name="scheme">A scheme that has been read and checked.</param>
    /// <param name="mode">The mode in force: never above the scheme's own.</param>
    /// <param name="context">What of the machine decides, with the one eligible control group; nothing is known of it where none is given.</param>
    public static SchemeTranslation TranslateForNode(DamonScheme scheme, Api.Schemes.SchemeMode mode, TranslationContext? context = null) =>
        Translate(scheme, mode, context ?? TranslationContext.Nothing, FindUnsupportedForNode(scheme.Spec, mode));

    private static SchemeTranslation Translate(DamonScheme scheme, Api.Schemes.SchemeMode mode, TranslationContext context, (string Field, string Why)? unsupported)
    {
        var spec = scheme.Spec;
        var cgroup = context.Cgroup;
        if ((unsupported ?? FindUnsupportedGoal(spec.Quota.Goals, cgroup)) is var (field, why))
        {
            return new SchemeTranslation(scheme, null, UnsupportedField, $"spec.{field}: {why}");
        }

        if (DestinationResolver.Resolve(spec.Action.Destinations, context.Tiers, out var destinations) is { } problem)
        {
            return new SchemeTranslation(scheme, null, problem.Reason, $"spec.{problem.Field}: {problem.Why}");
        }

        var description = new SchemeDescription(scheme.Name, ActionOf(spec.Action.Type), PatternOf(spec.Pattern))
        {
            Mode = mode == Api.Schemes.SchemeMode.Enforce ? Engine.Schemes.SchemeMode.Enforce : Engine.Schemes.SchemeMode.Observe,
            ApplyInterval = spec.ApplyInterval?.ToTimeSpan() ?? TimeSpan.Zero,
            Destinations = destinations,
            AnyDestinationWillDo = spec.Action.Destinations.Any(destination => destination.Tier is not null),
            Filters = [.. spec.Filters.Select(FilterOf)],
            Watermarks = WatermarksOf(spec.Watermarks),
            Quota = new SchemeQuota
            {
                SizeBytes = spec.Quota.Size?.Bytes ?? 0,
                Time = spec.Quota.Time?.ToTimeSpan() ?? TimeSpan.Zero,
                Interval = spec.Quota.Interval.ToTimeSpan(),

                // Hundredths of a percent keep every weight an integer that the score's integer arithmetic can take.
                AccessRateWeight = spec.Quota.Weights.AccessRate.Millionths / 100,
                AgeWeight = spec.Quota.Weights.Age.Millionths / 100,
                Goals = [.. spec.Quota.Goals.Select(goal => GoalOf(goal, cgroup))],
                Tuner = spec.Quota.Tuner == Api.Schemes.QuotaTuner.Temporal ? Engine.Schemes.QuotaTuner.Temporal : Engine.Schemes.QuotaTuner.Consistent,
                PerGroupBytes = spec.Quota.PerPod?.Size.Bytes ?? 0,
            },
        };
        return new SchemeTranslation(scheme, description, "", "");
    }

    /// <summary>
    /// A translation for a node that whoever acts on memory that is somebody's may carry out: moves are only observed. The kernel could make them; but it heeds neither mappings that are bound to their nodes nor the room
    /// on the destination, and nobody learns which pages it moved.
    /// </summary>
    /// <param name="translation">What <see cref="TranslateForNode"/> gave.</param>
    public static SchemeTranslation WithoutMoves(SchemeTranslation translation) =>
        translation.Description is { Mode: Engine.Schemes.SchemeMode.Enforce } moves && RailBook.MovesMemory(moves.Action)
            ? translation with
            {
                Description = null,
                Reason = UnsupportedField,
                Message = $"spec.action.type: {moves.Action} of a whole node can be observed, not enforced: nobody learns which pages the kernel moves, so that none could be put back; take target.kind Pods",
            }
            : translation;

    private static (string Field, string Why)? FindUnsupportedForNode(DamonSchemeSpec spec, Api.Schemes.SchemeMode mode)
    {
        if (spec.Target.Kind != TargetKind.Node)
        {
            return ("target.kind", "Pods are not carried out by the kernel");
        }

        if (spec.Backend is not (BackendKind.Auto or BackendKind.Kernel))
        {
            return ("backend", $"{spec.Backend} cannot look at a whole node; name Kernel or Auto");
        }

        if (spec.ExpiresAfter is not null && mode == Api.Schemes.SchemeMode.Enforce)
        {
            return ("expiresAfter", "this version does not end Enforce at a time; observe, or leave it out and give --duration");
        }

        return null;
    }

    private static (string Field, string Why)? FindUnsupported(DamonSchemeSpec spec, Api.Schemes.SchemeMode mode, TranslationContext context)
    {
        if (spec.ExpiresAfter is not null && mode == Api.Schemes.SchemeMode.Enforce)
        {
            return ("expiresAfter", "this version does not end Enforce at a time; observe, or leave it out and give --duration");
        }

        if (spec.Target.Kind == TargetKind.Node)
        {
            return ("target.kind", "a scheme of a whole node is carried out by the kernel alone, apart from those of pods");
        }

        return FindUnsupportedAction(spec, mode, context);
    }

    /// <summary>What the actor of a process will refuse is refused here, before anything runs. Every action can be observed.</summary>
    private static (string Field, string Why)? FindUnsupportedAction(DamonSchemeSpec spec, Api.Schemes.SchemeMode mode, TranslationContext context)
    {
        var action = ActionOf(spec.Action.Type);
        if (action == SchemeAction.Reclaim && spec.Filters.Count > 0)
        {
            return ("filters", "cannot hold for Reclaim, which lets the kernel choose the pages; leave them out, or take Pageout");
        }

        if (mode != Api.Schemes.SchemeMode.Enforce)
        {
            return null;
        }

        if (action == SchemeAction.Reclaim && !context.OutlivesStalls)
        {
            return ("action.type", "Reclaim is only observed here: a call that the kernel does not come back from would stop everything else, unless it is the node agent's; observe, or take Pageout");
        }

        return UserSpaceAction.WhyNot(action) is { Length: > 0 } why ? ("action.type", $"{action} can be observed, not enforced: {why}") : null;
    }

    private static (string Field, string Why)? FindUnsupportedGoal(IReadOnlyList<GoalSpec> goals, string? cgroup)
    {
        for (var i = 0; i < goals.Count; i++)
        {
            var metric = goals[i].Metric;
            if (metric == Api.Schemes.GoalMetric.NodeEligibleMemory)
            {
                return ($"quota.goals[{i}].metric", "NodeEligibleMemory needs to know on which node each page lies, which this version does not see; take NodeMemoryUsed or NodeMemoryFree");
            }

            if (QuotaGoal.IsOfCgroup(MetricOf(metric)) && cgroup is null)
            {
                return ($"quota.goals[{i}].metric", $"{metric} is of the target's control group; give exactly one of version 2 and nothing else as the target");
            }
        }

        return null;
    }

    private static QuotaGoal GoalOf(GoalSpec goal, string? cgroup)
    {
        var metric = MetricOf(goal.Metric);

        // Shares are millionths in the API and ten-thousandths in the engine. A share that is finer rounds up, so that it never becomes 0, which asks for nothing.
        var target = goal.Target switch
        {
            { Count: { } count } => (ulong)count,
            { Duration: { } duration } => (ulong)duration.Microseconds,
            { Share: { } share } => (ulong)(share.Millionths + 99) / 100,
            _ => throw new ArgumentException("A goal without a target was read.", nameof(goal)),
        };
        return new QuotaGoal(metric, target) { Node = goal.Node, Cgroup = QuotaGoal.IsOfCgroup(metric) ? cgroup : null };
    }

    private static Engine.Schemes.GoalMetric MetricOf(Api.Schemes.GoalMetric metric) => metric switch
    {
        Api.Schemes.GoalMetric.UserInput => Engine.Schemes.GoalMetric.UserInput,
        Api.Schemes.GoalMetric.SomeMemoryPressure => Engine.Schemes.GoalMetric.SomeMemoryPressure,
        Api.Schemes.GoalMetric.NodeMemoryUsed => Engine.Schemes.GoalMetric.NodeMemoryUsed,
        Api.Schemes.GoalMetric.NodeMemoryFree => Engine.Schemes.GoalMetric.NodeMemoryFree,
        Api.Schemes.GoalMetric.NodeCgroupUsed => Engine.Schemes.GoalMetric.NodeCgroupUsed,
        Api.Schemes.GoalMetric.NodeCgroupFree => Engine.Schemes.GoalMetric.NodeCgroupFree,
        Api.Schemes.GoalMetric.ActiveMemory => Engine.Schemes.GoalMetric.ActiveMemory,
        Api.Schemes.GoalMetric.InactiveMemory => Engine.Schemes.GoalMetric.InactiveMemory,
        Api.Schemes.GoalMetric.NodeEligibleMemory => Engine.Schemes.GoalMetric.NodeEligibleMemory,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "is no metric."),
    };

    private static SchemeAction ActionOf(ActionType type) => type switch
    {
        ActionType.Stat => SchemeAction.Stat,
        ActionType.Pageout => SchemeAction.Pageout,
        ActionType.Cold => SchemeAction.Cold,
        ActionType.WillNeed => SchemeAction.WillNeed,
        ActionType.Collapse => SchemeAction.Collapse,
        ActionType.HugePage => SchemeAction.HugePage,
        ActionType.NoHugePage => SchemeAction.NoHugePage,
        ActionType.LruPrio => SchemeAction.LruPrio,
        ActionType.LruDeprio => SchemeAction.LruDeprio,
        ActionType.MigrateHot => SchemeAction.MigrateHot,
        ActionType.MigrateCold => SchemeAction.MigrateCold,
        ActionType.Reclaim => SchemeAction.Reclaim,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is no action."),
    };

    private static AccessPattern PatternOf(PatternSpec? pattern) => new()
    {
        MinSizeBytes = pattern?.Size?.Min?.Bytes ?? 0,
        MaxSizeBytes = pattern?.Size?.Max?.Bytes ?? ulong.MaxValue,
        MinRate = RateOf(pattern?.AccessRate?.Min?.Millionths) ?? AccessRate.Never,
        MaxRate = RateOf(pattern?.AccessRate?.Max?.Millionths) ?? AccessRate.Always,
        MinAge = pattern?.Age?.Min?.ToTimeSpan() ?? TimeSpan.Zero,
        MaxAge = pattern?.Age?.Max?.ToTimeSpan() ?? TimeSpan.MaxValue,
    };

    private static SchemeFilter FilterOf(FilterSpec filter) => new(
        filter.Type switch
        {
            FilterType.Anonymous => SchemeFilterType.Anonymous,
            FilterType.Active => SchemeFilterType.Active,
            FilterType.Young => SchemeFilterType.Young,
            FilterType.HugePageSize => SchemeFilterType.HugePageSize,
            FilterType.Unmapped => SchemeFilterType.Unmapped,
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.Type, "was not checked before."),
        },
        filter.Matching,
        filter.Allow)
    {
        MinSizeBytes = filter.Min?.Bytes ?? 0,
        MaxSizeBytes = filter.Max?.Bytes ?? ulong.MaxValue,
    };

    private static SchemeWatermarks? WatermarksOf(WatermarkSpec? watermarks) =>
        watermarks is null || watermarks.Metric == Api.Schemes.WatermarkMetric.None ? null : new SchemeWatermarks
        {
            Metric = watermarks.Metric == Api.Schemes.WatermarkMetric.FreeMemory
                ? Engine.Schemes.WatermarkMetric.FreeMemory
                : Engine.Schemes.WatermarkMetric.AvailableMemory,
            Interval = watermarks.Interval!.Value.ToTimeSpan(),

            // All rounded up, which keeps their order; the low mark, the one that protects, then rests no later than asked.
            High = ThousandthsOf(watermarks.High!.Value),
            Mid = ThousandthsOf(watermarks.Mid!.Value),
            Low = ThousandthsOf(watermarks.Low!.Value),
        };

    private static int ThousandthsOf(Api.Units.Percent share) => (share.Millionths + 999) / 1000;

    private static AccessRate? RateOf(int? millionths) => millionths is { } value ? AccessRate.FromPercent(value / 10_000m) : null;
}

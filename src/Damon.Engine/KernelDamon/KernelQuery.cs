using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>What is asked of the kernel so that schemes can be carried out here: one pattern that holds all of theirs.</summary>
internal static class KernelQuery
{
    /// <summary>The pattern for all schemes together.</summary>
    /// <param name="schemes">The schemes.</param>
    /// <param name="intervals">In force.</param>
    public static KernelPattern For(IReadOnlyList<SchemeDescription> schemes, MonitoringIntervals intervals)
    {
        KernelPattern? all = null;
        foreach (var scheme in schemes)
        {
            var thresholds = PatternThresholds.For(scheme.Pattern, intervals.SamplesPerAggregation, intervals.Aggregation);
            if (thresholds.IsRepresentable)
            {
                var one = For(scheme, KernelPattern.From(thresholds));
                all = all is { } others ? Hull(others, one) : one;
            }
        }

        return all ?? KernelPattern.Nothing;
    }

    /// <summary>
    /// A scheme that only counts asks for what it matches. What others have acted on, or in Observe would have, stays in a ledger until it is accessed: for them memory must not fall out of the
    /// report because it became younger, or a region smaller or larger, when the kernel merged and split. Where even an access leaves the ledger as it is, nothing may fall out.
    /// </summary>
    private static KernelPattern For(SchemeDescription scheme, KernelPattern pattern) => scheme.Action switch
    {
        SchemeAction.Stat => pattern,
        _ when MonitoringSession.IsUndoneByAccess(scheme.Action) => KernelPattern.Everything with { MinAccesses = pattern.MinAccesses, MaxAccesses = pattern.MaxAccesses },
        _ => KernelPattern.Everything,
    };

    private static KernelPattern Hull(KernelPattern a, KernelPattern b) => new(
        Math.Min(a.MinSizeBytes, b.MinSizeBytes),
        Math.Max(a.MaxSizeBytes, b.MaxSizeBytes),
        Math.Min(a.MinAccesses, b.MinAccesses),
        Math.Max(a.MaxAccesses, b.MaxAccesses),
        Math.Min(a.MinAge, b.MinAge),
        Math.Max(a.MaxAge, b.MaxAge));
}

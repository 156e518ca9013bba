using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Agent;

/// <summary>
/// How long it takes at the most until memory that turns cold is acted on, budgets and rails apart. The aggregation in which it turns still counts accesses; the one after it is the first without, and
/// starts the age at 0; then the age must grow to the scheme's; and the scheme must be applied.
/// <code>
///  accessed ──────┐ cold
///  aggregations │  ·  │  0  │  1  │  2  │ … │ age.min │ applied
/// </code>
/// </summary>
internal static class DetectionLatency
{
    /// <summary>Of a look without a scheme: when it is known that memory has turned idle or busy.</summary>
    /// <param name="intervals">The intervals in force.</param>
    public static TimeSpan Of(MonitoringIntervals intervals) => intervals.Aggregation * 2;

    /// <summary>Of a scheme with these intervals.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="intervals">The intervals in force.</param>
    public static TimeSpan Of(SchemeDescription scheme, MonitoringIntervals intervals)
    {
        var aggregation = intervals.Aggregation;
        var ages = (scheme.Pattern.MinAge.Ticks + aggregation.Ticks - 1) / aggregation.Ticks;
        var apply = scheme.ApplyInterval > aggregation ? scheme.ApplyInterval : TimeSpan.Zero;
        return TimeSpan.FromTicks(Math.Min(MonitoringIntervals.Longest.Ticks * 4, (aggregation.Ticks * (2 + ages)) + apply.Ticks));
    }
}

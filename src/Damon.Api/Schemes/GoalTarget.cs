using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>The wanted value of a goal; exactly one is set, by the metric.</summary>
/// <param name="Count">For UserInput: a whole number above zero.</param>
/// <param name="Duration">For SomeMemoryPressure: time per quota interval, above zero.</param>
/// <param name="Share">For every other metric: a share above 0 %.</param>
public sealed record GoalTarget(long? Count, DurationValue? Duration, Percent? Share);

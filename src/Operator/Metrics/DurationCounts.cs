namespace Damon.Operator.Metrics;

/// <summary>A histogram at one moment.</summary>
/// <param name="Counts">How many are in each bucket alone; one bucket more than bounds.</param>
/// <param name="SumSeconds">The sum of all times.</param>
internal sealed record DurationCounts(IReadOnlyList<long> Counts, double SumSeconds);

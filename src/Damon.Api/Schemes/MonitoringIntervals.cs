using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>The intervals of monitoring, all known.</summary>
/// <param name="Sample">Time between two looks at a region.</param>
/// <param name="Aggregation">Time over which the looks are counted.</param>
/// <param name="Update">Time between two looks at the address ranges.</param>
public readonly record struct MonitoringIntervals(DurationValue Sample, DurationValue Aggregation, DurationValue Update);

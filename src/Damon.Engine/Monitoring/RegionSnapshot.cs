using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>What was known of one region at a moment.</summary>
/// <param name="Range">The addresses.</param>
/// <param name="Rate">The access rate: of the last aggregation interval up to the moment, partly estimated where the moment is inside one.</param>
/// <param name="Age">For how long the rate has been about the same, in whole aggregation intervals.</param>
public readonly record struct RegionSnapshot(AddressRange Range, AccessRate Rate, TimeSpan Age);

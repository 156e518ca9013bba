using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>A region that a scheme tried in a pass, as it was before the action.</summary>
/// <param name="Target">The caller's number of the target; it may have ended since.</param>
/// <param name="Range">The addresses.</param>
/// <param name="Rate">The access rate at that moment.</param>
/// <param name="Age">For how long the rate had held.</param>
/// <param name="ReachableBytes">What the action could reach there; for <see cref="SchemeAction.Stat"/> what its page filters let through, and 0 without any, because then nothing is measured.</param>
public readonly record struct TriedRegion(int Target, AddressRange Range, AccessRate Rate, TimeSpan Age, ulong ReachableBytes);

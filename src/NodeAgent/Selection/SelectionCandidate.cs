using Damon.Api.Clusters;
using Damon.NodeAgent.Plans;

namespace Damon.NodeAgent.Selection;

/// <summary>A scheme that wants containers.</summary>
/// <param name="Planned">The scheme, which is not one that is left alone.</param>
/// <param name="Mode">The mode in force, above Off.</param>
internal sealed record SelectionCandidate(PlannedScheme Planned, ClusterMode Mode);

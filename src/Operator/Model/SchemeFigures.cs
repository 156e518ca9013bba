using Damon.Operator.Rollouts;
using Damon.Operator.Statuses;

namespace Damon.Operator.Model;

/// <summary>Figures of one scheme, as of its last decision.</summary>
/// <param name="Scheme">Its name.</param>
/// <param name="Nodes">Its nodes by state.</param>
/// <param name="Phase">Where its rollout is; null where it has none.</param>
/// <param name="Step">The step; 0 is the canary.</param>
public sealed record SchemeFigures(string Scheme, NodeCounts Nodes, RolloutPhase? Phase, int Step);

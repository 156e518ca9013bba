using Damon.Api.Clusters;

namespace Damon.NodeAgent.Plans;

/// <summary>How far one scheme goes now.</summary>
/// <param name="Mode">The mode in force: never above the scheme's own.</param>
/// <param name="IsPaused">Whether it is suspended: memory is looked at, and nothing is done or counted as would be done.</param>
/// <param name="Reason">What keeps it below its own mode; empty where nothing does.</param>
internal readonly record struct ModeDecision(ClusterMode Mode, bool IsPaused, string Reason);

namespace Damon.NodeAgent.Plans;

/// <summary>What an agent keeps on disk: the last good plan and configuration, as the API server gave them, and when it last answered.</summary>
/// <param name="Node">The node's plan.</param>
/// <param name="Config">The cluster's configuration.</param>
/// <param name="LastAnswerAt">When the API server last answered; null where that is not known.</param>
internal sealed record StoredPlan(StoredDocument Node, StoredDocument Config, DateTimeOffset? LastAnswerAt);

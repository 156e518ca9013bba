namespace Damon.Engine.Schemes;

/// <summary>A value of the machine that a quota is steered to.</summary>
/// <param name="Metric">What is measured.</param>
/// <param name="Target">The wanted value in the metric's unit, above zero.</param>
public sealed record QuotaGoal(GoalMetric Metric, ulong Target)
{
    /// <summary>The highest node number that is accepted.</summary>
    public const int MaxNode = 1023;

    private const int MaxPathLength = 4096;

    /// <summary>For <see cref="GoalMetric.UserInput"/>: the value to begin with; null until one is fed. Ignored for every other metric, which is measured.</summary>
    public ulong? Current { get; init; }

    /// <summary>For the metrics of a node: its number, from 0 to 1023.</summary>
    public int? Node { get; init; }

    /// <summary>For the metrics of a control group: its path below the root of the hierarchy, beginning with a slash.</summary>
    public string? Cgroup { get; init; }

    /// <summary>Whether a metric is that of one memory node.</summary>
    /// <param name="metric">The metric.</param>
    public static bool IsOfNode(GoalMetric metric) =>
        metric is GoalMetric.NodeMemoryUsed or GoalMetric.NodeMemoryFree or GoalMetric.NodeCgroupUsed or GoalMetric.NodeCgroupFree or GoalMetric.NodeEligibleMemory;

    /// <summary>Whether a metric is that of a control group.</summary>
    /// <param name="metric">The metric.</param>
    public static bool IsOfCgroup(GoalMetric metric) => metric is GoalMetric.NodeCgroupUsed or GoalMetric.NodeCgroupFree;

    /// <summary>How far a value goes towards the target.</summary>
    /// <param name="current">The value, in the metric's unit.</param>
    /// <returns>Ten-thousandths of the target; <see cref="ulong.MaxValue"/> stands for all that is more.</returns>
    public ulong Score(ulong current)
    {
        if (Target == 0)
        {
            // Refused with the plan. A target of nothing is met by anything, and then nothing is done.
            return ulong.MaxValue;
        }

        return (ulong)UInt128.Min(ulong.MaxValue, (UInt128)current * FeedLoop.Goal / Target);
    }

    internal void Check(string field, List<PlanError> errors)
    {
        if (!Enum.IsDefined(Metric))
        {
            errors.Add(new PlanError($"{field}.metric", $"{(int)Metric} is no metric"));
            return;
        }

        if (Metric == GoalMetric.NodeEligibleMemory)
        {
            errors.Add(new PlanError($"{field}.metric", "NodeEligibleMemory needs to know on which node each page lies, which this engine does not see; take NodeMemoryUsed or NodeMemoryFree"));
        }

        if (Target == 0)
        {
            errors.Add(new PlanError($"{field}.target", "is 0; write a value above it"));
        }

        if (IsOfNode(Metric) && Node is not (>= 0 and <= MaxNode))
        {
            errors.Add(new PlanError($"{field}.node", Node is null ? $"is missing; {Metric} is of one memory node" : $"is {Node}; write a number from 0 to {MaxNode}"));
        }

        if (IsOfCgroup(Metric) && !IsPath(Cgroup))
        {
            errors.Add(new PlanError($"{field}.cgroup", $"{Metric} needs a control group; write its path below the root of the hierarchy, with a slash in front and without '..'"));
        }
    }

    private static bool IsPath(string? path) =>
        path is { Length: > 0 and <= MaxPathLength } && path[0] == '/' && !path.Contains('\0', StringComparison.Ordinal) && !path.Split('/').Contains("..");
}

namespace Damon.Engine.Schemes;

/// <summary>A goal of a running scheme: what is wanted and what was measured last.</summary>
/// <param name="goal">What is wanted.</param>
public sealed class QuotaGoalState(QuotaGoal goal)
{
    /// <summary>What is wanted.</summary>
    public QuotaGoal Goal { get; private set; } = goal;

    /// <summary>The value in the metric's unit; null where it is not known.</summary>
    public ulong? Current { get; set; } = goal.Metric == GoalMetric.UserInput ? goal.Current : null;

    /// <summary>The pressure clock when it was last read; null before. Without it the first difference would be all that the machine has waited since it started.</summary>
    public TimeSpan? PressureBefore { get; set; }

    /// <summary>When that was, as time since the session began.</summary>
    public TimeSpan PressureReadAt { get; set; }

    /// <summary>Ten-thousandths of the target. What is not known counts as just met: a budget must not grow on no measurement, nor be taken away for it.</summary>
    public ulong Score => Current is { } current ? Goal.Score(current) : FeedLoop.Goal;

    /// <summary>Takes an online change over. What was measured stays, and so does the beginning of a difference; a user's value is taken where one was given anew.</summary>
    internal void Update(QuotaGoal goal)
    {
        var isOther = goal.Metric != Goal.Metric;
        if (goal.Metric == GoalMetric.UserInput)
        {
            Current = isOther || goal.Current != Goal.Current ? goal.Current ?? (isOther ? null : Current) : Current;
        }
        else if (isOther)
        {
            Current = null;
        }

        Goal = goal;
    }
}

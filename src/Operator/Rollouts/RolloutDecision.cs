namespace Damon.Operator.Rollouts;

/// <summary>What follows for a rollout.</summary>
/// <param name="State">What is to be stored.</param>
/// <param name="Grants">How many of the candidates are admitted next, after that is stored.</param>
/// <param name="ToCanaries">Whether they are taken from the canary candidates alone.</param>
/// <param name="IsWaitingForCanary">Whether nobody is there who could be first.</param>
/// <param name="IsResumed">Whether a resume request was heard.</param>
/// <param name="LookAgainAt">When time alone may change it; null where never.</param>
public sealed record RolloutDecision(RolloutState State, int Grants = 0, bool ToCanaries = false, bool IsWaitingForCanary = false, bool IsResumed = false, DateTimeOffset? LookAgainAt = null);

namespace Damon.Engine.Monitoring;

/// <summary>What is kept of a target that ended; its probe, actor and regions are gone.</summary>
/// <param name="Id">The caller's number for it.</param>
/// <param name="State">How it ended.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="AppliedBytes">Bytes that left its resident set by the session's actions, as measured.</param>
public sealed record EndedTarget(int Id, TargetState State, string Reason, ulong AppliedBytes);

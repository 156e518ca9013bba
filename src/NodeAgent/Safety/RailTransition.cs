namespace Damon.NodeAgent.Safety;

/// <summary>One change of one rail: what one Event is about.</summary>
/// <param name="PodUid">The pod; empty for the node.</param>
/// <param name="Rail">The rail.</param>
/// <param name="Kind">What changed.</param>
/// <param name="Reason">What was found.</param>
internal readonly record struct RailTransition(string PodUid, SafetyRail Rail, RailTransitionKind Kind, string Reason);

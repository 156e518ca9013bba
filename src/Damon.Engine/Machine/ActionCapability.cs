using Damon.Engine.Schemes;

namespace Damon.Engine.Machine;

/// <summary>Whether an action can be carried out on this machine.</summary>
/// <param name="Action">Which one.</param>
/// <param name="IsAvailable">Whether it can.</param>
/// <param name="Reason">Why, or why not.</param>
/// <param name="Message">The same in one sentence.</param>
public readonly record struct ActionCapability(SchemeAction Action, bool IsAvailable, CapabilityReason Reason, string Message);

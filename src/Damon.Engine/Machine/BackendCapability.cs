namespace Damon.Engine.Machine;

/// <summary>Whether a backend can be used on this machine.</summary>
/// <param name="Backend">Which one.</param>
/// <param name="IsAvailable">Whether it can be used, if need be by naming it.</param>
/// <param name="Reason">Why, or why not.</param>
/// <param name="Message">The same in one sentence, with what was found.</param>
public readonly record struct BackendCapability(MonitoringBackend Backend, bool IsAvailable, CapabilityReason Reason, string Message);

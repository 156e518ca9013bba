namespace Damon.Engine.Monitoring;

/// <summary>What an action on one target did.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="AdvisedBytes">Bytes of address space that the kernel accepted advice for.</param>
/// <param name="EffectBytes">Bytes that changed as measured; for page-out the bytes that left the resident set.</param>
/// <param name="Errno">The last system error number, 0 for none.</param>
/// <param name="SkippedBytes">Bytes of the ranges that were not advised on because page filters hold them back, or no page is there; 0 without page filters.</param>
public readonly record struct ActionResult(ActionOutcome Outcome, ulong AdvisedBytes, ulong EffectBytes, int Errno = 0, ulong SkippedBytes = 0);

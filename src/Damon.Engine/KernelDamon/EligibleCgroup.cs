namespace Damon.Engine.KernelDamon;

/// <summary>A control group whose memory may be acted on.</summary>
/// <param name="Path">Its path below the root of the hierarchy, as the kernel's filter takes it. The filter means exactly this group, none below it.</param>
/// <param name="HeadroomBytes">How much of its memory may leave before it is at its floor.</param>
/// <param name="Share">In which share of the windows of a scheme's budget it takes part; 1 for all. A window's budget may all be taken from one group, so this is the most of the budget that it may lose.</param>
/// <param name="KeepsAnonymous">Whether its anonymous memory is left alone by page-out.</param>
/// <param name="IsWithin">Whether it lies in another one that is eligible, too: what that one's files say is then of both.</param>
public readonly record struct EligibleCgroup(string Path, ulong HeadroomBytes = ulong.MaxValue, double Share = 1, bool KeepsAnonymous = false, bool IsWithin = false);

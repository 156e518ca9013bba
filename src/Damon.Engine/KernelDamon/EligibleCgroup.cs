namespace Damon.Engine.KernelDamon;

/// <summary>A control group whose memory may be acted on.</summary>
/// <param name="Path">Its path below the root of the hierarchy, as the kernel's filter takes it. The filter means exactly this group, none below it.</param>
/// <param name="HeadroomBytes">How much of its memory may leave before it is at its floor.</param>
public readonly record struct EligibleCgroup(string Path, ulong HeadroomBytes = ulong.MaxValue);

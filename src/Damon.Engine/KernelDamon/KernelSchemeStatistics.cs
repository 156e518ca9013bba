namespace Damon.Engine.KernelDamon;

/// <summary>What the kernel counted for one scheme since it began. The same bytes count again in every pass.</summary>
/// <param name="TriedRegions">Regions tried.</param>
/// <param name="TriedBytes">Their bytes.</param>
/// <param name="AppliedRegions">Regions of which something was acted on.</param>
/// <param name="AppliedBytes">Bytes acted on, as the kernel says; not a measure of what has changed.</param>
/// <param name="FilterPassedBytes">Bytes that the filters on pages let through; 0 where the kernel does not say.</param>
/// <param name="QuotaExceededWindows">Windows in which the budget was used up.</param>
/// <param name="Snapshots">Passes that went over the last region of a target with budget left; 0 where the kernel does not say.</param>
public readonly record struct KernelSchemeStatistics(
    ulong TriedRegions, ulong TriedBytes, ulong AppliedRegions, ulong AppliedBytes, ulong FilterPassedBytes, ulong QuotaExceededWindows, ulong Snapshots);

namespace Damon.Engine.KernelDamon;

/// <summary>A region as the kernel reports it after a scheme has tried it.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="Accesses">Samples of the aggregation that saw an access.</param>
/// <param name="Age">For how many aggregations that has been so.</param>
/// <param name="FilterPassedBytes">Bytes of it that the filters on pages let through; 0 where the kernel does not say.</param>
public readonly record struct KernelRegion(ulong Start, ulong End, uint Accesses, uint Age, ulong FilterPassedBytes);

namespace Damon.Engine.Monitoring;

/// <summary>How the memory of a machine, or of one of its nodes, is divided up.</summary>
/// <param name="TotalBytes">All of it.</param>
/// <param name="FreeBytes">Unused.</param>
/// <param name="AvailableBytes">What could be given to programs without swapping; for a node, where the kernel does not say, the unused.</param>
/// <param name="ActiveBytes">On the active page lists.</param>
/// <param name="InactiveBytes">On the inactive page lists.</param>
public readonly record struct MemoryTotals(ulong TotalBytes, ulong FreeBytes, ulong AvailableBytes, ulong ActiveBytes, ulong InactiveBytes);

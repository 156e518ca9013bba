namespace Damon.Demo.Events;

/// <summary>Memory of the workload whose access pattern is known.</summary>
/// <param name="Name">Its name in the pattern.</param>
/// <param name="Start">First address.</param>
/// <param name="End">The address after the last one; always above <paramref name="Start"/>.</param>
/// <param name="File">Path of the file behind it; nothing for anonymous memory.</param>
internal sealed record WorkloadRegion(string Name, ulong Start, ulong End, string? File)
{
    public ulong SizeBytes => End - Start;
}

namespace Damon.Lab.Guest.Programs;

/// <summary>A region of a running workload.</summary>
/// <param name="Name">Its name in the pattern; in the lab's patterns hot ones begin with <c>hot</c>.</param>
/// <param name="Start">First address.</param>
/// <param name="End">The address after the last one.</param>
public sealed record WorkloadRegion(string Name, ulong Start, ulong End)
{
    public ulong SizeBytes => End - Start;

    public bool IsHot => Name.StartsWith("hot", StringComparison.Ordinal);
}

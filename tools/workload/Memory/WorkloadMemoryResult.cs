namespace Damon.Workload.Memory;

/// <summary>The pattern's memory, or why there is none.</summary>
/// <param name="Memory">To be disposed by the taker.</param>
/// <param name="Refusal">One sentence that names the remedy where there is one.</param>
internal sealed record WorkloadMemoryResult(WorkloadMemory? Memory, string? Refusal);

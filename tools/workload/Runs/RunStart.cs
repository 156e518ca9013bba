using Damon.Workload.Memory;

namespace Damon.Workload.Runs;

/// <summary>All memory is there; the first phase begins now.</summary>
/// <param name="Pattern">The pattern's name.</param>
/// <param name="At">The run's zero.</param>
/// <param name="ProcessId">This process.</param>
/// <param name="PageBytes">The machine's page size.</param>
/// <param name="Regions">Where the regions lie.</param>
internal sealed record RunStart(string Pattern, RunMoment At, int ProcessId, int PageBytes, IReadOnlyList<MappedRegion> Regions);

using System.Text.Json;

namespace Damon.Demo.Events;

/// <summary>All memory of the workload is there.</summary>
/// <param name="ProcessId">The workload's process.</param>
/// <param name="Regions">Where its memory lies.</param>
internal sealed record WorkloadReady(int ProcessId, IReadOnlyList<WorkloadRegion> Regions) : WorkloadEvent
{
    public static WorkloadReady? From(JsonElement json)
    {
        if (!json.TryCount("pid", out var pid) || pid is 0 or > int.MaxValue || !json.TryItems("regions", out var items))
            return null;

        List<WorkloadRegion> regions = [];
        foreach (var item in items)
        {
            if (!item.TryText("name", out var name) || !item.TryCount("start", out var start) || !item.TryCount("end", out var end) || end <= start)
                return null;
            regions.Add(new WorkloadRegion(name, start, end, item.TryText("file", out var file) ? file : null));
        }

        return new WorkloadReady((int)pid, regions);
    }

    /// <summary>The region of this name; nothing where the pattern has none.</summary>
    public WorkloadRegion? Region(string name) => Regions.FirstOrDefault(region => region.Name == name);
}

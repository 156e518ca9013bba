namespace Damon.Testing.KernelDamon;

/// <summary>A target in force.</summary>
public sealed class FakeRunningTarget
{
    internal FakeRunningTarget(int pid, IReadOnlyList<(ulong Start, ulong End)> ranges, bool isObsolete) => (Pid, Ranges, IsObsolete) = (pid, ranges, isObsolete);

    /// <summary>Its process.</summary>
    public int Pid { get; internal set; }

    /// <summary>Where the kernel looks. They stay when the process is replaced, until the kernel looks for mappings again.</summary>
    public IReadOnlyList<(ulong Start, ulong End)> Ranges { get; internal set; }

    internal bool IsObsolete { get; }

    /// <summary>Takes over where there is memory; no memory leaves it as it is.</summary>
    internal void FollowMappings(IReadOnlyList<FakeRegion> memory)
    {
        if (memory.Count > 0)
        {
            Ranges = [.. memory.Select(region => (region.Start, region.End))];
        }
    }

    /// <summary>What the kernel would see: the memory within the ranges, and regions without accesses where the ranges hold none.</summary>
    internal IEnumerable<FakeRegion> See(IReadOnlyList<FakeRegion> memory, uint age)
    {
        foreach (var (start, end) in Ranges)
        {
            var seen = start;
            foreach (var region in memory.Where(region => region.Start < end && start < region.End).Select(region => region.Within(start, end)))
            {
                if (seen < region.Start)
                {
                    yield return Untouched(seen, region.Start, age);
                }

                yield return region;
                seen = region.End;
            }

            if (seen < end)
            {
                yield return Untouched(seen, end, age);
            }
        }
    }

    private static FakeRegion Untouched(ulong start, ulong end, uint age) => new(start, end, 0, age) { FilterPassedBytes = 0 };
}

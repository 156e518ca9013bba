using System.Globalization;

namespace Damon.Benchmarks.Comparison;

/// <summary>Merge, age and split of a thousand regions beside C programs that do the same, down to the last random number.</summary>
internal static class RegionComparison
{
    private const string Law = "Split, merge and age of 1,000 regions against C";
    private const double Bound = 1.5;
    private const int Operations = 400;

    /// <summary>Until the JIT has settled; what is ahead-of-time compiled needs none of it.</summary>
    private const int WarmUpRounds = 250;
    private const int MaxRegions = 1000;
    private const ulong MemoryBytes = 4UL << 30;

    /// <summary>Fewer stretches than half the maximum, so that every merge leaves room to cut each region.</summary>
    private const ulong StretchBytes = MemoryBytes / 480;

    public static IEnumerable<ComparisonRow> Run(string sources, string builds, int rounds, TimeProvider time)
    {
        foreach (var (name, defines) in ((string, string[])[])[("array of structures", []), ("linked list with a free list", ["LINKED_LIST"])])
        {
            var (path, problem) = CProgram.Build(sources, "regions", builds, defines);
            if (path.Length == 0)
            {
                yield return ComparisonRow.Skipped(Law, name, problem);
                continue;
            }

            using var program = CProgram.Start(path, [.. ((ulong[])[MaxRegions, MemoryBytes, StretchBytes, 1]).Select(n => n.ToString(CultureInfo.InvariantCulture))]);
            var engine = new RegionRounds(MaxRegions, MemoryBytes, StretchBytes, 1, time);
            var times = new PairedTimes();
            var rows = 0UL;
            for (var round = -WarmUpRounds; round < rounds; round++)
            {
                var c = program.Run(Operations);
                var own = engine.Run(Operations);
                if (own.Rows != c[1] || own.Checksum != c[2])
                {
                    throw new InvalidOperationException($"Round {round}: the engine's regions ({own.Rows} rows, {own.Checksum:x}) are not the C program's ({c[1]}, {c[2]:x}).");
                }

                if (round >= 0)
                {
                    times.Add(own.Nanoseconds / Operations, (double)c[0] / Operations);
                    rows += own.Rows;
                }
            }

            yield return ComparisonRow.Of(Law, $"{name}; {rows / (ulong)(rounds * Operations)} rows a merge, all regions equal", times, Bound);
        }
    }
}

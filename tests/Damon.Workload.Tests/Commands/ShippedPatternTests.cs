using System.Diagnostics.CodeAnalysis;
using Damon.Patterns;
using Damon.Testing;
using Damon.Workload.Accesses;
using Damon.Workload.Memory;

namespace Damon.Workload.Tests.Commands;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Reads the patterns that lie beside the tool.")]
public class ShippedPatternTests
{
    private const double Small = 1.0 / 256;

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Path.Combine(TestPaths.RepositoryRoot, "tools/workload/patterns"), "*.yaml").Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_shipped_pattern_can_be_mapped_and_every_phase_of_it_run(string file)
    {
        var path = Path.Combine(TestPaths.RepositoryRoot, "tools/workload/patterns", file);
        var read = WorkloadPatternReader.Read(file, File.ReadAllText(path));
        read.Errors.Should().BeEmpty();

        // Anonymous memory stands in for files: what is asked here is whether regions and accesses fit together.
        List<MappedRegion> regions = [];
        List<GuardedMapping> mappings = [];
        try
        {
            foreach (var region in read.Pattern!.Regions)
            {
                var mapping = GuardedMapping.TryCreate(WorkloadMemory.MappedBytes(region, Small), (ulong)Environment.SystemPageSize, file: null, out _)!;
                mappings.Add(mapping);
                regions.Add(new MappedRegion(region.Name, mapping.Start, mapping.SizeBytes, region.Backing, File: null));
            }

            TouchedPages[] touched = [.. regions.Select(region => new TouchedPages(region.SizeBytes, Environment.SystemPageSize))];
            foreach (var phase in read.Pattern.Phases)
            {
                var accesses = new PhaseAccesses(phase, regions, touched, seed: 1);
                if (accesses.IsIdle)
                    continue;

                accesses.Restart();
                accesses.MoveWindows(phase.Duration);
                accesses.Run(1000);
                Enumerable.Range(0, regions.Count).Sum(accesses.AccessesTo).Should().Be(1000);
            }
        }
        finally
        {
            mappings.ForEach(mapping => mapping.Dispose());
        }
    }
}

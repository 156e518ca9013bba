using System.Text;
using CsCheck;
using Damon.Testing;

namespace Damon.Patterns.Tests;

public class WorkloadPatternReaderTests
{
    private const string Broken = "tests/Damon.Patterns.Tests/Corpus/Broken";
    private const string Shipped = "tools/workload/patterns";

    private const string Full = """
        name: full
        description: everything there is
        simulation: {accessesPerSecond: 2.5M, noise: {share: "0.5%", per: 500ms}}
        regions:
        - {name: hot, size: 64Mi, backing: Huge}
        - {name: cold, size: 448Mi, backing: File}
        - {name: plain, size: 10M}
        phases:
        - name: warm
          duration: 10s
          once: true
          access:
          - {region: hot, weight: 9.5, stride: 8, order: Random, mode: Write}
          - {region: cold, window: {share: "10%", speed: "1%"}}
          - {region: plain, window: {share: "50%"}}
        - {name: idle, duration: 1m30s, access: []}
        """;

    public static TheoryData<string> BrokenFiles => [.. RepositoryFiles.Names(Broken, except: ".expected")];

    public static TheoryData<string> ShippedFiles => [.. RepositoryFiles.Names(Shipped)];

    [Fact]
    public void Every_field_arrives()
    {
        var pattern = Read(Full);
        (pattern.Name, pattern.Description).Should().Be(("full", "everything there is"));
        pattern.Simulation.Should().Be(new SimulationSettings(2_500_000, 0.005, TimeSpan.FromMilliseconds(500)));
        pattern.Regions.Should().Equal(
            new PatternRegion("hot", 67_108_864, RegionBacking.Huge),
            new PatternRegion("cold", 469_762_048, RegionBacking.File),
            new PatternRegion("plain", 10_000_000, RegionBacking.Anonymous));
        pattern.Phases.Should().HaveCount(2);
        var (warm, idle) = (pattern.Phases[0], pattern.Phases[1]);
        (warm.Name, warm.Duration, warm.Once).Should().Be(("warm", TimeSpan.FromSeconds(10), true));
        warm.Accesses.Should().Equal(
            new PatternAccess("hot", 9.5, 8, AccessOrder.Random, AccessMode.Write, null),
            new PatternAccess("cold", 1, 4096, AccessOrder.Sequential, AccessMode.Read, new AccessWindow(0.1, 0.01)),
            new PatternAccess("plain", 1, 4096, AccessOrder.Sequential, AccessMode.Read, new AccessWindow(0.5, 0)));
        (idle.Name, idle.Duration, idle.Once).Should().Be(("idle", TimeSpan.FromSeconds(90), false));
        idle.Accesses.Should().BeEmpty();
    }

    [Fact]
    public void A_pattern_without_simulation_has_the_default_settings() =>
        Read("name: p\nregions: [{name: a, size: 4Ki}]\nphases: [{name: x, duration: 1s, access: []}]\n").Simulation.Should().Be(SimulationSettings.Default);

    [Theory]
    [InlineData("20M", 20_000_000)]
    [InlineData("1.5K", 1_500)]
    [InlineData("2G", 2_000_000_000)]
    [InlineData("1000G", 1_000_000_000_000)]
    [InlineData("12345", 12_345)]
    public void Accesses_are_counted_in_decimal_thousands(string text, double accesses) =>
        Read(Full.Replace("2.5M", text, StringComparison.Ordinal)).Simulation.AccessesPerSecond.Should().Be(accesses);

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_gives_exactly_the_errors_beside_it(string name)
    {
        var result = WorkloadPatternReader.Read(name, RepositoryFiles.Bytes($"{Broken}/{name}").AsSpan());
        result.Pattern.Should().BeNull();
        result.Errors.Select(e => e.ToString()).Should().Equal(RepositoryFiles.Text($"{Broken}/{name}.expected").Split('\n', StringSplitOptions.RemoveEmptyEntries)).And.NotBeEmpty();
    }

    [Fact]
    public void The_corpus_is_there() => RepositoryFiles.Names(Broken, except: ".expected").Should().HaveCountGreaterThanOrEqualTo(15);

    [Theory]
    [MemberData(nameof(ShippedFiles))]
    public void A_shipped_pattern_is_valid_named_as_its_file_and_in_the_reference(string name)
    {
        var result = WorkloadPatternReader.Read(name, RepositoryFiles.Bytes($"{Shipped}/{name}").AsSpan());
        result.Errors.Should().BeEmpty();
        $"{result.Pattern!.Name}.yaml".Should().Be(name);
        RepositoryFiles.Text("docs/reference/workload-patterns.md").Should().Contain($"| `{result.Pattern.Name}` |");
    }

    [Fact]
    public void The_shipped_patterns_are_all_there() => RepositoryFiles.Names(Shipped).Should().Equal(
        "demo-scattered.yaml", "demo.yaml", "drift.yaml", "freqmine.yaml", "hint.yaml", "hotcold.yaml", "scattered.yaml", "sparse-thp.yaml", "stairs.yaml", "tiering.yaml", "weakhot.yaml", "zigzag.yaml");

    [Fact]
    public void A_weak_page_is_touched_in_a_fifth_of_the_intervals_and_a_hot_one_in_nearly_all()
    {
        var pattern = Read(RepositoryFiles.Text($"{Shipped}/weakhot.yaml"));
        var accesses = pattern.Phases.Single(phase => !phase.Once).Accesses;
        Touched("weak").Should().BeApproximately(0.20, 0.0001);
        Touched("hot").Should().BeGreaterThan(0.95);

        // Accesses to a page are a Poisson process: 1 - exp(-L), L expected accesses in the interval.
        double Touched(string region)
        {
            var pages = pattern.Regions.Single(r => r.Name == region).SizeBytes / 4096.0;
            var share = accesses.Single(a => a.Region == region).Weight / accesses.Sum(a => a.Weight);
            return 1 - Math.Exp(-pattern.Simulation.AccessesPerSecond * 0.005 * share / pages);
        }
    }

    [Fact]
    public void The_document_example_of_the_reference_is_a_pattern()
    {
        var reference = RepositoryFiles.Text("docs/reference/workload-patterns.md");
        var start = reference.IndexOf("```yaml\n", StringComparison.Ordinal) + 8;
        Read(reference[start..reference.IndexOf("```", start, StringComparison.Ordinal)]).Name.Should().Be("hotcold");
    }

    [Fact]
    public void Changed_bytes_are_answered_with_a_pattern_or_errors() =>
        Gen.Select(Gen.Int[0, 5000], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            var bytes = Encoding.UTF8.GetBytes(Full);
            foreach (var (at, value) in changes)
                bytes[at % bytes.Length] = value;
            var result = WorkloadPatternReader.Read("f.yaml", bytes.AsSpan());
            return (result.Pattern is not null) != (result.Errors.Count > 0);
        }, iter: 3000);

    [Fact]
    public void A_truncated_file_is_answered_with_a_pattern_or_errors()
    {
        for (var length = 0; length <= Full.Length; length++)
        {
            var result = WorkloadPatternReader.Read("f.yaml", Full[..length]);
            (result.Pattern is not null).Should().Be(result.Errors.Count == 0);
        }
    }

    private static WorkloadPattern Read(string text)
    {
        var result = WorkloadPatternReader.Read("p.yaml", text);
        result.Errors.Should().BeEmpty();
        return result.Pattern!;
    }
}

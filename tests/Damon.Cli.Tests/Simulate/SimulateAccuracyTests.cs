using System.Text.Json;
using Damon.Patterns;
using Damon.Testing;

namespace Damon.Cli.Tests.Simulate;

/// <summary>How well the shipped patterns are recognised, asked in the way a user would.</summary>
public class SimulateAccuracyTests(ITestOutputHelper output)
{
    /// <summary>The scheme does not set it, so it is the default.</summary>
    private const int MaxRegions = 1000;

    private const int Seeds = 8;

    [Theory]
    [InlineData("stairs")]
    [InlineData("zigzag")]
    [InlineData("hotcold")]
    [InlineData("drift")]
    public async Task What_is_hot_is_found_whatever_the_seed(string pattern)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var json = await Simulate(pattern, seed);
            var precision = json.GetProperty("hot").GetProperty("precision").GetDouble();
            var recall = json.GetProperty("hot").GetProperty("recall").GetDouble();
            output.WriteLine($"{pattern}, seed {seed}: precision {precision}, recall {recall}");
            precision.Should().BeInRange(0.9, 1, "seed {0}", seed);
            recall.Should().BeInRange(0.9, 1, "seed {0}", seed);
            json.GetProperty("measuredAggregations").GetInt32().Should().BePositive("otherwise nothing was compared");
        }
    }

    [Theory]
    [InlineData("stairs")]
    [InlineData("zigzag")]
    [InlineData("hotcold")]
    [InlineData("drift")]
    [InlineData("weakhot")]
    [InlineData("scattered")]
    [InlineData("sparse-thp")]
    public async Task The_cost_of_looking_is_bounded_by_the_number_of_regions(string pattern)
    {
        for (var seed = 1; seed <= 2; seed++)
        {
            var json = await Simulate(pattern, seed);
            var probes = json.GetProperty("probesPerInterval").GetProperty("max").GetInt32();
            probes.Should().BeInRange(1, MaxRegions, "seed {0}", seed);
            json.GetProperty("regions").GetProperty("max").GetInt32().Should().BeInRange(1, MaxRegions, "seed {0}", seed);
        }
    }

    /// <summary>Patterns whose pages are warm, or hot one by one: regions cannot tell them apart by design, and the report says what was there and what was found.</summary>
    [Theory]
    [InlineData("weakhot")]
    [InlineData("scattered")]
    [InlineData("sparse-thp")]
    public async Task What_regions_cannot_tell_apart_is_reported_with_its_true_and_its_found_rate(string pattern)
    {
        var names = WorkloadPatternReader.Read(pattern, InputFile.Read(RepositoryFiles.Pattern(pattern)).Bytes!).Pattern!.Regions.Select(region => region.Name);
        var regions = (await Simulate(pattern, seed: 1)).GetProperty("workloadRegions").EnumerateArray().ToList();
        regions.Select(region => region.GetProperty("name").GetString()).Should().Equal(names);
        foreach (var region in regions)
        {
            var truth = region.GetProperty("trueAccessRate").GetDouble();
            var found = region.GetProperty("foundAccessRate").GetDouble();
            output.WriteLine($"{pattern}, {region.GetProperty("name")}: true {truth}, found {found}");
            truth.Should().BeInRange(0.000_001, 1, "every region is accessed at some time");
            found.Should().BeInRange(0.000_001, 1, "and that is seen");
        }
    }

    [Theory]
    [InlineData("hotcold")]
    [InlineData("stairs")]
    [InlineData("zigzag")]
    [InlineData("drift")]
    [InlineData("demo")]
    public async Task What_observe_predicts_is_what_enforce_then_frees(string pattern)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            string[] scheme = ["--set", "pattern.age.min=2s", "--set", "quota.size=1Gi", "--set", "target.all=true"];
            var observed = await Simulate(pattern, seed, [.. scheme, "--mode", "Observe"]);
            var enforced = await Simulate(pattern, seed, [.. scheme, "--mode", "Enforce"]);
            double Ratio(string field) => observed.GetProperty(field).GetDouble() / enforced.GetProperty(field).GetDouble();
            output.WriteLine($"{pattern}, seed {seed}: away {Ratio("averageAwayBytes")}, all that was freed {Ratio("appliedBytes")}");
            Ratio("averageAwayBytes").Should().BeInRange(0.9, 1.1, "seed {0}", seed);
        }
    }

    private static async Task<JsonElement> Simulate(string pattern, int seed, params string[] more)
    {
        var run = await CliRun.Of(
            ["simulate", "-f", RepositoryFiles.ReclaimCold, "-w", RepositoryFiles.Pattern(pattern), "--duration", "60s", "--seed", $"{seed}", "-o", "json", .. more]);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        using var document = JsonDocument.Parse(run.Out);
        return document.RootElement.Clone();
    }
}

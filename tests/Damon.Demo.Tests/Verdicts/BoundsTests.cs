using Damon.Demo.Measures;
using Damon.Demo.Verdicts;

namespace Damon.Demo.Tests.Verdicts;

public class BoundsTests
{
    [Theory]
    [InlineData(1000, 100, nameof(Verdict.Held))]
    [InlineData(1000, 101, nameof(Verdict.Broken))]
    [InlineData(1000, 0, nameof(Verdict.Held))]
    [InlineData(1000, 2000, nameof(Verdict.Broken))]
    [InlineData(0, 0, nameof(Verdict.Broken))]
    public void Nine_tenths_of_the_cold_bytes_leave(ulong before, ulong after, string verdict) => Bounds.Cold(before, after).Verdict.ToString().Should().Be(verdict);

    [Theory]
    [InlineData(1000, 991, nameof(Verdict.Held))]
    [InlineData(1000, 990, nameof(Verdict.Broken))]
    [InlineData(1000, 1000, nameof(Verdict.Held))]
    [InlineData(1000, 1100, nameof(Verdict.Held))]
    [InlineData(0, 0, nameof(Verdict.Broken))]
    public void Less_than_a_hundredth_of_the_hot_bytes_does(ulong before, ulong lowest, string verdict) => Bounds.Hot(before, lowest).Verdict.ToString().Should().Be(verdict);

    [Theory]
    [InlineData(1100, 1000, nameof(Verdict.Held))]
    [InlineData(900, 1000, nameof(Verdict.Held))]
    [InlineData(1101, 1000, nameof(Verdict.Broken))]
    [InlineData(899, 1000, nameof(Verdict.Broken))]
    [InlineData(0, 0, nameof(Verdict.Broken))]
    [InlineData(1000, -1000, nameof(Verdict.Broken))]
    public void The_prediction_is_off_by_at_most_a_tenth_of_what_was_freed(ulong predicted, long freed, string verdict) =>
        Bounds.Predicted(predicted, freed).Verdict.ToString().Should().Be(verdict);

    [Theory]
    [InlineData(0.05, 0, nameof(Verdict.Held))]
    [InlineData(0.0501, 0, nameof(Verdict.Broken))]
    [InlineData(-0.2, 0.01, nameof(Verdict.Held))]
    [InlineData(0.04, 0.005, nameof(Verdict.Held))]
    [InlineData(0.04, 0.0051, nameof(Verdict.Unclear))] // it may as well be more than the bound
    [InlineData(double.NaN, double.NaN, nameof(Verdict.Broken))]
    public void What_the_passes_cost_decides_about_the_workloads_speed(double share, double error, string verdict) =>
        Bounds.Throughput("Enforce", new PairedLoss(share, error, 10, 100), new Throughput(48, 80), new Throughput(20, 100), new Throughput(20, 120)).Verdict.ToString().Should().Be(verdict);

    // A machine that others share: whole stretches differ. Only a workload at less than half of its speed, against the slower side, is beyond any noise.
    [Theory]
    [InlineData(50, 100, 120, nameof(Verdict.Held))]
    [InlineData(49.9, 100, 120, nameof(Verdict.Broken))]
    [InlineData(49.9, 120, 100, nameof(Verdict.Broken))]
    [InlineData(60, 200, 120, nameof(Verdict.Held))]
    public void Harm_that_lasts_between_the_passes_is_seen_in_whole_stretches(double with, double before, double after, string verdict) =>
        Bounds.Throughput("Enforce", new PairedLoss(0, 0, 10, 100), new Throughput(48, with), new Throughput(20, before), new Throughput(20, after)).Verdict.ToString().Should().Be(verdict);

    [Fact]
    public void A_speed_without_windows_holds_nothing() =>
        Bounds.Throughput("Enforce", new PairedLoss(0, 0, 10, 100), default, new Throughput(20, 100), new Throughput(20, 100)).Verdict.Should().Be(Verdict.Broken);

    [Theory]
    [InlineData(0.0199999, nameof(Verdict.Held))]
    [InlineData(0.02, nameof(Verdict.Broken))]
    [InlineData(double.NaN, nameof(Verdict.Broken))]
    public void The_engine_stays_below_a_fiftieth_of_a_cpu(double share, string verdict) => Bounds.Cpu("Enforce", share).Verdict.ToString().Should().Be(verdict);

    [Theory]
    [InlineData(4096, 4096, nameof(Verdict.Held))]
    [InlineData(4096, 4095, nameof(Verdict.Broken))]
    [InlineData(0, 0, nameof(Verdict.Broken))]
    public void Of_a_mixed_mapping_nothing_leaves(ulong before, ulong lowest, string verdict) => Bounds.MixedStays(before, lowest).Verdict.ToString().Should().Be(verdict);

    [Theory]
    [InlineData(4096, 4096, nameof(Verdict.Held))]
    [InlineData(4095, 4096, nameof(Verdict.Broken))]
    [InlineData(0, 0, nameof(Verdict.Broken))]
    public void All_of_a_mixed_mapping_is_named(ulong reported, ulong mapping, string verdict) => Bounds.MixedReported(reported, mapping).Verdict.ToString().Should().Be(verdict);

    [Fact]
    public void What_was_measured_is_written_beside_the_bound()
    {
        Bounds.Cold(1000, 101).Should().BeEquivalentTo(new { Promise = "at least 90 % of the cold bytes left memory", Measured = "89.9 % left" });
        Bounds.Cpu("Observe", 0.0199).Should().BeEquivalentTo(new { Promise = "the engine uses less than 2 % of one CPU during Observe", Measured = "1.99 %" });
        Bounds.Throughput("Observe", new PairedLoss(0.012, 0.001, 10, 100), new Throughput(1, 100), new Throughput(1, 100), new Throughput(1, 126)).Measured.Should().Be(
            "-1.2 %, give or take 0.2 %");
    }
}

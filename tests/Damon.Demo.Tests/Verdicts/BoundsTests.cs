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
    [InlineData(95, 100, 100, 0, nameof(Verdict.Held))]
    [InlineData(94.99, 100, 100, 0, nameof(Verdict.Broken))]
    [InlineData(120, 100, 100, 0, nameof(Verdict.Held))]
    // A drift within the bound: the mean of both sides decides.
    [InlineData(95, 98, 102, 0, nameof(Verdict.Held))]
    [InlineData(94.99, 98, 102, 0, nameof(Verdict.Broken))]
    // A drift above the bound: only a speed kept against both sides says something.
    [InlineData(114, 100, 120, 0, nameof(Verdict.Held))]
    [InlineData(113.9, 100, 120, 0, nameof(Verdict.Unclear))]
    [InlineData(100, 120, 100, 0, nameof(Verdict.Unclear))]
    [InlineData(50, 100, 120, 0, nameof(Verdict.Unclear))]
    // Others had the CPU.
    [InlineData(94.99, 100, 100, 0.05, nameof(Verdict.Broken))]
    [InlineData(94.99, 100, 100, 0.0501, nameof(Verdict.Unclear))]
    [InlineData(95, 100, 100, 0.5, nameof(Verdict.Held))]
    // The kernel does not say whether they had.
    [InlineData(95, 100, 100, double.NaN, nameof(Verdict.Held))]
    [InlineData(94.99, 100, 100, double.NaN, nameof(Verdict.Broken))]
    public void The_workload_keeps_its_speed_and_a_loss_on_a_machine_that_is_not_quiet_says_nothing(double with, double before, double after, double waited, string verdict) =>
        Bounds.Throughput("Enforce", new Throughput(48, with), new Throughput(20, before), new Throughput(20, after), waited).Verdict.ToString().Should().Be(verdict);

    [Fact]
    public void A_speed_without_windows_holds_nothing() =>
        Bounds.Throughput("Enforce", default, new Throughput(20, 100), new Throughput(20, 100), waitedForOthers: 0.5).Verdict.Should().Be(Verdict.Broken);

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
        Bounds.Throughput("Observe", new Throughput(1, 113), new Throughput(1, 100), new Throughput(1, 126), waitedForOthers: 0.125).Measured.Should().Be(
            "0 %; the machine is not quiet: without the engine the speed changed by +26 %, and others kept a CPU from the workload for up to 12.5 % of the time");
    }
}

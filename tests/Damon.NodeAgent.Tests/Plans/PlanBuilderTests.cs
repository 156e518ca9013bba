using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Plans;
using SchemeMode = Damon.Api.Schemes.SchemeMode;

namespace Damon.NodeAgent.Tests.Plans;

public class PlanBuilderTests
{
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Aggregation = TimeSpan.FromSeconds(10);

    [Fact]
    public void One_session_takes_the_finest_intervals_and_the_widest_limits()
    {
        var plan = Build(
            "  action: {type: Stat}\n  monitoring: {sampleInterval: 100ms, aggregationInterval: 2s, regions: {min: 20, max: 50}}",
            "  action: {type: Stat}\n  monitoring: {sampleInterval: 50ms, aggregationInterval: 4s, regions: {min: 5, max: 200}}");

        plan.Intervals.Sample.Should().Be(TimeSpan.FromMilliseconds(50));
        plan.Intervals.Aggregation.Should().Be(TimeSpan.FromSeconds(4));
        (plan.Limits.Min, plan.Limits.Max).Should().Be((20, 200));
    }

    [Fact]
    public void Intervals_that_no_scheme_names_are_the_backends()
    {
        var plan = Build("  action: {type: Stat}");

        plan.Intervals.Should().Be(new MonitoringIntervals(Sample, Aggregation, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void A_higher_priority_comes_first_and_equal_ones_stay_in_order()
    {
        var schemes = new[] { ("a", 100), ("b", 200), ("c", 100) }
            .Select(s => SchemeTranslatorTests.Read($"  action: {{type: Stat}}\n  priority: {s.Item2}", s.Item1));

        PlanBuilder.ByRank(schemes).Select(s => s.Name).Should().Equal("b", "a", "c");
    }

    [Fact]
    public void Schemes_that_cannot_be_carried_out_are_left_out()
    {
        var plan = Build("  action: {type: MigrateCold, destinations: [{tier: Slow}]}", "  action: {type: Stat}");

        plan.Schemes.Should().ContainSingle().Which.Name.Should().Be("s1");
    }

    [Fact]
    public void A_plan_of_nothing_is_a_mistake_of_the_caller() =>
        FluentActions.Invoking(() => Build("  action: {type: MigrateCold, destinations: [{tier: Slow}]}")).Should().Throw<ArgumentException>();

    [Fact]
    public void Intervals_are_tuned_only_where_a_document_asks_for_it()
    {
        Build("  action: {type: Stat}").IntervalsGoal.Should().BeNull();

        Build("  action: {type: Stat}\n  monitoring: {autoTune: {}}").IntervalsGoal.Should().Be(
            new IntervalsGoal { AccessRate = AccessRate.FromPercent(4), Aggregations = 3, MinSample = TimeSpan.FromMilliseconds(5), MaxSample = TimeSpan.FromSeconds(10) });
    }

    [Fact]
    public void A_tuned_plan_begins_within_its_bounds_and_keeps_its_shape()
    {
        var plan = Build("  action: {type: Stat}\n  monitoring: {autoTune: {accessRatio: \"7.5%\", aggregations: 5, minSampleInterval: 1s, maxSampleInterval: 2s}}");

        plan.Check().Should().BeEmpty();
        (plan.Intervals.Sample, plan.Intervals.SamplesPerAggregation).Should().Be((TimeSpan.FromSeconds(1), 20u));
        (plan.IntervalsGoal!.AccessRate, plan.IntervalsGoal.Aggregations).Should().Be((AccessRate.FromPercent(7.5m), 5));
    }

    [Theory]
    [InlineData("{sampleInterval: 50ms, aggregationInterval: 1s, autoTune: {}}", "{sampleInterval: 200ms, aggregationInterval: 4s}", 5, 200)] // the second one never gets longer intervals than it names
    [InlineData("{autoTune: {minSampleInterval: 10ms, maxSampleInterval: 1s}}", "{autoTune: {maxSampleInterval: 300ms}}", 10, 300)]
    [InlineData("{autoTune: {minSampleInterval: 600ms}}", "{sampleInterval: 500ms, aggregationInterval: 10s}", null, null)] // no room
    public void Of_several_schemes_none_gets_longer_intervals_than_it_allows(string first, string second, int? minMilliseconds, int? maxMilliseconds)
    {
        var plan = Build($"  action: {{type: Stat}}\n  monitoring: {first}", $"  action: {{type: Stat}}\n  monitoring: {second}");

        plan.Check().Should().BeEmpty();
        (plan.IntervalsGoal?.MinSample.TotalMilliseconds, plan.IntervalsGoal?.MaxSample.TotalMilliseconds).Should().Be((minMilliseconds, maxMilliseconds));
    }

    private static MonitoringPlan Build(params string[] schemes) => PlanBuilder.Build(
        [.. schemes.Select((fields, i) => SchemeTranslator.Translate(SchemeTranslatorTests.Read(fields, $"s{i}"), SchemeMode.Observe))],
        scheme => PlanBuilder.IntervalsOf(scheme, Sample, Aggregation),
        residentFloorBytes: 0);
}

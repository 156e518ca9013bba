using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.KernelDamon;

public class KernelQueryTests
{
    private static readonly AccessPattern Cold = new() { MinSizeBytes = 1 << 20, MaxRate = AccessRate.FromPercent(10), MinAge = TimeSpan.FromSeconds(2) };

    private static readonly AccessPattern Hot = new() { MinRate = AccessRate.FromPercent(50), MinAge = TimeSpan.FromSeconds(1) };

    [Fact]
    public void A_scheme_that_only_counts_asks_for_what_it_matches() =>
        Query(Of(SchemeAction.Stat, Cold)).Should().Be(new KernelPattern(1 << 20, ulong.MaxValue, 0, 2, 20, uint.MaxValue));

    [Theory]
    [InlineData(SchemeAction.Pageout)]
    [InlineData(SchemeAction.Cold)]
    [InlineData(SchemeAction.MigrateCold)]
    [InlineData(SchemeAction.Reclaim)]
    public void A_scheme_with_a_ledger_asks_for_all_that_an_access_would_take_out_of_it(SchemeAction action) =>
        Query(Of(action, Cold)).Should().Be(KernelPattern.Everything with { MaxAccesses = 2 });

    [Theory]
    [InlineData(SchemeAction.MigrateHot)]
    [InlineData(SchemeAction.Collapse)]
    public void A_scheme_whose_ledger_no_access_changes_asks_for_everything(SchemeAction action) => Query(Of(action, Hot)).Should().Be(KernelPattern.Everything);

    [Fact]
    public void Several_schemes_ask_for_what_holds_all_of_theirs() =>
        Query(Of(SchemeAction.Stat, Cold), Of(SchemeAction.Stat, Hot)).Should().Be(new KernelPattern(0, ulong.MaxValue, 0, 20, 10, uint.MaxValue));

    [Fact]
    public void A_scheme_that_cannot_be_told_apart_asks_for_nothing() =>
        Query(Of(SchemeAction.Stat, new AccessPattern { MaxRate = AccessRate.FromPercent(1) })).Should().Be(KernelPattern.Nothing);

    [Fact]
    public void Longer_intervals_ask_for_fewer_aggregations_and_the_same_time() =>
        KernelQuery.For([Of(SchemeAction.Stat, Cold)], MonitoringIntervals.Default.WithSample(TimeSpan.FromMilliseconds(50))).MinAge.Should().Be(2);

    private static KernelPattern Query(params SchemeDescription[] schemes) => KernelQuery.For(schemes, MonitoringIntervals.Default);

    private static SchemeDescription Of(SchemeAction action, AccessPattern pattern) => new($"{action} {pattern.MinRate}", action, pattern);
}

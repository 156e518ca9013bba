using Damon.Demo.Events;

namespace Damon.Demo.Tests.Events;

public class EngineEventTests
{
    private const string Scheme =
        """{"name":"reclaim-cold","action":"Pageout","mode":"Enforce","state":"Active","matchedBytes":9,"matchedNowBytes":1,"advisedBytes":8,"appliedBytes":2,"awayBytes":3,"refaultBytes":0,"noEffectCalls":0,"failedCalls":0,"leftOut":{"NoSwap":4,"Shared":0,"Locked":0,"MixedMapping":5},"heldBy":"Floor","lastFailure":"x"}""";

    private const string Aggregation = """{"type":"aggregation","elapsedMs":2053,"sampleIntervalMs":2000.5,"targets":[],"schemes":[""" + Scheme + """],"engineCpuShare":0.01}""";

    private const string Summary =
        """{"type":"summary","ended":"Duration","elapsedMs":12001,"schemes":[""" + Scheme + """],"engine":{"cpuSeconds":0.2,"wallSeconds":12,"cpuShare":0.0166,"longestStallMs":14.5},"undo":[]}""";

    [Fact]
    public void An_aggregation_has_the_counts_of_its_scheme()
    {
        var aggregation = EngineEvent.Read(Aggregation).Should().BeOfType<EngineAggregation>().Subject;

        aggregation.ElapsedMs.Should().Be(2053);
        aggregation.SampleIntervalMs.Should().Be(2000.5);
        aggregation.Scheme.Should().BeEquivalentTo(new
        {
            MatchedNowBytes = 1UL,
            AppliedBytes = 2UL,
            AwayBytes = 3UL,
            HeldBy = "Floor",
            LastFailure = "x",
        });
        aggregation.Scheme.LeftOutFor("NoSwap").Should().Be(4);
        aggregation.Scheme.LeftOutFor("MixedMapping").Should().Be(5);
        aggregation.Scheme.LeftOutFor("Unheard").Should().Be(0);
    }

    [Fact]
    public void A_summary_says_how_it_ended_and_what_it_cost()
    {
        var summary = EngineEvent.Read(Summary).Should().BeOfType<EngineSummary>().Subject;

        (summary.Ended, summary.CpuShare, summary.LongestStallMs, summary.Scheme.AwayBytes).Should().Be(("Duration", 0.0166, 14.5, 3UL));
    }

    [Fact]
    public void No_line_cut_short_is_an_event()
    {
        foreach (var line in (string[])[Aggregation, Summary])
        {
            for (var length = 0; length < line.Length; length++)
                EngineEvent.Read(line[..length]).Should().BeNull();
        }
    }

    [Theory]
    [InlineData("\"awayBytes\":3", "\"awayBytes\":-3")]
    [InlineData("\"awayBytes\":3", "\"awayBytes\":3.5")]
    [InlineData("\"awayBytes\":3", "\"awayBytes\":\"3\"")]
    [InlineData("\"awayBytes\":3", "\"awayBytes\":18446744073709551616")]
    [InlineData("\"appliedBytes\":2,", "")]
    [InlineData("\"MixedMapping\":5", "\"MixedMapping\":-5")]
    [InlineData("\"schemes\":[{", "\"schemes\":[{},{")]
    [InlineData("\"cpuShare\":0.0166", "\"cpuShare\":1e999")]
    [InlineData("\"cpuShare\":0.0166", "\"cpuShare\":-0.1")]
    [InlineData("\"cpuShare\":0.0166", "\"cpuShare\":null")]
    [InlineData("\"engine\":{", "\"motor\":{")]
    [InlineData("\"ended\":\"Duration\"", "\"ended\":null")]
    [InlineData("\"type\":\"summary\"", "\"type\":\"Summary\"")]
    public void A_summary_with_an_impossible_figure_is_none(string good, string bad)
    {
        Summary.Should().Contain(good);

        EngineEvent.Read(Summary.Replace(good, bad, StringComparison.Ordinal)).Should().BeNull();
    }

    [Fact]
    public void Without_a_scheme_there_is_no_aggregation() =>
        EngineEvent.Read("""{"type":"aggregation","elapsedMs":1,"sampleIntervalMs":1,"schemes":[]}""").Should().BeNull();

    [Fact]
    public void A_start_says_how_it_senses_and_why() =>
        EngineEvent.Read("""{"type":"start","backend":"Referenced","reason":"named","sampleIntervalMs":500}""").Should().Be(new EngineStart("Referenced", "named"));
}

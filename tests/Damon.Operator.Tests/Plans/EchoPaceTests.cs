using Damon.Api.Nodes;
using Damon.Operator.Model;
using Damon.Operator.Plans;

namespace Damon.Operator.Tests.Plans;

public class EchoPaceTests
{
    private readonly EchoPace _pace = new(writesPerSecond: 200);

    // Nodes that are woken; each how many of them is written; seconds for the plan in the middle.
    [Theory]
    [InlineData(900, 1, 0)]
    [InlineData(2000, 1, 19)]
    [InlineData(5000, 1, 49)]
    [InlineData(20000, 1, 60)]
    [InlineData(5000, 2, 24)]
    [InlineData(5000, 10, 0)]
    [InlineData(5000, 100, 0)]
    [InlineData(20000, 10, 19)]
    public void Echoes_wait_for_as_long_as_the_plans_of_a_change_take_to_be_written(int nodes, int each, int seconds)
    {
        Look(nodes, nodes / 2, each);
        _pace.Seconds.Should().Be(seconds);
    }

    [Fact]
    public void An_operator_that_writes_more_slowly_asks_for_more()
    {
        var slow = new EchoPace(writesPerSecond: 50);
        for (var waiting = 2000; waiting > 1000; waiting--)
            slow.Looked(waiting, isWritten: true);
        slow.Seconds.Should().Be(39);
    }

    [Fact]
    public void That_the_first_node_is_written_says_nothing_of_the_others()
    {
        _pace.Looked(5000, isWritten: true);
        _pace.Seconds.Should().Be(0);
    }

    [Fact]
    public void After_the_first_hundred_the_plans_of_a_change_ask_for_about_the_same()
    {
        Look(5000, 4900, each: 1);
        var waits = new List<int>();
        for (var waiting = 4900; waiting >= 100; waiting--)
        {
            // What was written comes back to be looked at.
            _pace.Looked(5000, isWritten: true);
            waits.Add(_pace.Seconds);
        }

        waits.Should().OnlyContain(wait => wait >= 40 && wait <= 50).And.BeInAscendingOrder();
    }

    [Fact]
    public void The_next_change_counts_for_itself()
    {
        Look(5000, 100, each: 1);
        _pace.Looked(99, isWritten: true);
        _pace.Seconds.Should().Be(0);
        Look(2000, 1000, each: 1);
        _pace.Seconds.Should().Be(19);
    }

    [Fact]
    public void A_wait_is_one_that_the_agent_takes_and_ends_before_a_node_counts_as_silent() =>
        EchoPace.MostSeconds.Should().BeLessThanOrEqualTo(DamonNodeReader.MaxEchoAfterSeconds).And.BeLessThan((int)new ClusterModelOptions().SilentAfter.TotalSeconds / 2);

    private void Look(int from, int to, int each)
    {
        for (var waiting = from; waiting > to; waiting--)
            _pace.Looked(waiting, isWritten: waiting % each == 0);
    }
}

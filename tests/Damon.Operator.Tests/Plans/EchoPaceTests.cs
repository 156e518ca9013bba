using Damon.Api.Nodes;
using Damon.Operator.Plans;

namespace Damon.Operator.Tests.Plans;

public class EchoPaceTests
{
    private readonly EchoPace _pace = new();

    // Nodes that wait; seconds.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(999, 0)]
    [InlineData(1000, 10)]
    [InlineData(5000, 50)]
    [InlineData(6000, 60)]
    [InlineData(20000, 60)]
    public void Echoes_wait_for_as_long_as_plans_take_to_be_written(int waiting, int seconds) => _pace.Next(waiting).Should().Be(seconds);

    [Fact]
    public void All_plans_of_a_change_ask_for_the_same_wait()
    {
        for (var waiting = 5000; waiting >= 100; waiting--)
            _pace.Next(waiting).Should().Be(50);
    }

    [Fact]
    public void The_next_change_counts_for_itself()
    {
        _pace.Next(5000);
        _pace.Next(99).Should().Be(0);
        _pace.Next(2000).Should().Be(20);
    }

    [Fact]
    public void A_wait_is_one_that_the_agent_takes_and_ends_before_a_node_counts_as_silent() =>
        EchoPace.MostSeconds.Should().BeLessThanOrEqualTo(DamonNodeReader.MaxEchoAfterSeconds).And.BeLessThan(300 / 2);
}

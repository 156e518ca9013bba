using Damon.Hosting.Processes;

namespace Damon.Hosting.Tests.Processes;

public class StopSignalsTests
{
    [Fact]
    public void The_first_asks_and_the_second_ends()
    {
        var ended = 0;
        using var signals = new StopSignals(() => ended++);
        signals.Take();
        (signals.Stop.IsCancellationRequested, ended).Should().Be((true, 0));
        signals.Take();
        ended.Should().Be(1);
    }
}

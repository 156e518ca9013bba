using Damon.Workload.Memory;

namespace Damon.Workload.Tests.Memory;

public class TlbFlushTests
{
    [Fact]
    public void It_can_be_forced_again_and_again()
    {
        using var flush = TlbFlush.TryCreate();

        flush.Should().NotBeNull();
        // A scratch page left without the right to be written would end this process at the next one.
        for (var time = 0; time < 3; time++)
            flush!.Force();
    }
}

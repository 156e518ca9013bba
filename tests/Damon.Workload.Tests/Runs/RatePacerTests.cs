using Damon.Workload.Runs;

namespace Damon.Workload.Tests.Runs;

public class RatePacerTests
{
    [Theory]
    [InlineData(null, 256)]
    [InlineData(1e9, 256)]
    [InlineData(100_000.0, 100)]
    [InlineData(10.0, 1)]
    public void A_batch_is_at_most_a_millisecond_of_the_rate(double? rate, int batch) => new RatePacer(rate).BatchAccesses.Should().Be(batch);

    [Fact]
    public void Without_a_rate_nothing_waits()
    {
        var pacer = new RatePacer(accessesPerSecond: null);
        pacer.Made(1_000_000);

        pacer.DelayAt(TimeSpan.Zero).Should().Be(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(100, 0, 100)]
    [InlineData(100, 40, 60)]
    [InlineData(100, 100, 0)]
    [InlineData(100, 150, 0)]
    public void Accesses_ahead_of_the_rate_wait_for_it(int made, int elapsedMs, int delayMs)
    {
        var pacer = new RatePacer(1000);
        pacer.Restart(TimeSpan.FromSeconds(7));
        pacer.Made(made);

        pacer.DelayAt(TimeSpan.FromSeconds(7) + TimeSpan.FromMilliseconds(elapsedMs)).TotalMilliseconds.Should().BeApproximately(delayMs, 0.001);
    }

    //  stopped for  made up at once
    [Theory]
    [InlineData(50, 50)]
    [InlineData(100, 100)]
    [InlineData(5000, 100)]
    public void Only_a_short_stop_is_made_up_for(int stoppedMs, int madeUp)
    {
        var pacer = new RatePacer(1000);
        var now = TimeSpan.FromMilliseconds(stoppedMs);
        var made = 0;
        while (pacer.DelayAt(now) == TimeSpan.Zero && made < 10_000)
        {
            pacer.Made(1);
            made++;
        }

        made.Should().BeInRange(madeUp, madeUp + 1);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    public void A_rate_that_is_not_above_zero_is_refused(double rate) =>
        FluentActions.Invoking(() => new RatePacer(rate)).Should().Throw<ArgumentOutOfRangeException>();
}

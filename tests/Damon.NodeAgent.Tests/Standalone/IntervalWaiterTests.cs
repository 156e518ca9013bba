using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Tests.Standalone;

public class IntervalWaiterTests
{
    [Fact]
    public void A_timer_that_fires_while_the_waiter_is_disposed_of_does_no_harm()
    {
        var time = new LateTime();
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var waiter = new IntervalWaiter(time, cancellation.Token);
        waiter.WaitUntil(time.GetTimestamp(), TimeSpan.FromHours(1)).Should().BeFalse();
        waiter.Dispose();

        time.Invoking(t => t.Fire()).Should().NotThrow();
    }

    /// <summary>A clock whose timer's callback has begun when the timer is disposed.</summary>
    private sealed class LateTime : TimeProvider
    {
        private Action? _fire;

        public void Fire() => _fire!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return new SilentTimer();
        }
    }

    private sealed class SilentTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

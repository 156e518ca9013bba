namespace Damon.Testing;

/// <summary>
/// One thread on which asynchronous code runs through virtual time: whatever can go on does, and when nothing can, time jumps to the next timer. A run is the same every time, and hours of it take
/// milliseconds. Code that leaves the loop for another thread fails the run: it would not be the same every time.
/// </summary>
public sealed class VirtualLoop : TimeProvider
{
    private const int MostSteps = 20_000_000;

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly PriorityQueue<LoopTimer, (long Due, long Order)> _timers = new();
    private readonly Thread _thread = Thread.CurrentThread;
    private long _ticks;
    private long _order;
    private string? _left;

    private VirtualLoop()
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How much time has passed since the loop began.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_ticks);

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(_ticks);

    /// <summary>Runs until the body has ended.</summary>
    /// <exception cref="InvalidOperationException">Nothing can happen any more, or it goes on for ever.</exception>
    public static void Run(Func<VirtualLoop, Task> body)
    {
        var before = SynchronizationContext.Current;
        var loop = new VirtualLoop();
        SynchronizationContext.SetSynchronizationContext(new LoopContext(loop));
        try
        {
            var running = body(loop);
            loop.Pump(running);
#pragma warning disable xUnit1031 // It has ended: this only brings its exception.
            running.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Lets time pass.</summary>
    public Task Pass(TimeSpan span) => Task.Delay(span, this);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LoopTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Pump(Task running)
    {
        for (var step = 0; !running.IsCompleted; step++)
        {
            if (_left is not null)
                throw new InvalidOperationException($"The code left the loop: {_left}");
            if (step > MostSteps)
                throw new InvalidOperationException($"After {MostSteps} steps and {Elapsed} it still goes on.");
            if (_ready.TryDequeue(out var next))
            {
                next.Callback(next.State);
                continue;
            }

            if (!_timers.TryDequeue(out var timer, out var at))
                throw new InvalidOperationException($"After {Elapsed} nothing can happen any more.");
            if (timer.IsDue(at.Order))
            {
                _ticks = Math.Max(_ticks, at.Due);
                timer.Fire();
            }
        }
    }

    private void Post(SendOrPostCallback callback, object? state)
    {
        if (Thread.CurrentThread != _thread)
            _left = Environment.StackTrace;
        else
            _ready.Enqueue((callback, state));
    }

    private sealed class LoopContext(VirtualLoop loop) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => loop.Post(d, state);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class LoopTimer(VirtualLoop loop, TimerCallback callback, object? state) : ITimer
    {
        private long _current = -1;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _current = -1;
            _period = period;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            _current = ++loop._order;
            loop._timers.Enqueue(this, (loop._ticks + dueTime.Ticks, _current));
            return true;
        }

        public bool IsDue(long order) => order == _current;

        public void Fire()
        {
            if (_period > TimeSpan.Zero)
                Change(_period, _period);
            else
                _current = -1;
            callback(state);
        }

        public void Dispose() => _current = -1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

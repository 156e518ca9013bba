namespace Damon.Testing;

/// <summary>
/// A virtual clock for code that waits for another thread: whoever waits does so until what it waits for has come, however long that takes, because no timer of this clock is ever due. The other thread gets
/// the virtual time itself.
/// </summary>
public sealed class PatientTime(VirtualTime time) : TimeProvider
{
    /// <summary>The time that passes.</summary>
    public VirtualTime Time => time;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NeverDue();

    private sealed class NeverDue : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

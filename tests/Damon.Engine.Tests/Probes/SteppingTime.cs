namespace Damon.Engine.Tests.Probes;

/// <summary>A clock that goes on by a fixed step each time it is looked at, so that every measured duration is that step.</summary>
internal sealed class SteppingTime(TimeSpan step) : TimeProvider
{
    private long _now;

    public TimeSpan Step { get; set; } = step;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now += Step.Ticks;
}

namespace Damon.Demo.Measures;

/// <summary>A stretch of time on CLOCK_MONOTONIC, the clock that all processes of a machine share.</summary>
/// <param name="FromNanoseconds">Its beginning.</param>
/// <param name="ToNanoseconds">Its end.</param>
internal readonly record struct ClockSpan(long FromNanoseconds, long ToNanoseconds)
{
    /// <summary>The system's clock now; the time provider's timestamps are CLOCK_MONOTONIC, in its own frequency.</summary>
    public static long Now(TimeProvider time) => (long)((Int128)time.GetTimestamp() * 1_000_000_000 / time.TimestampFrequency);
}

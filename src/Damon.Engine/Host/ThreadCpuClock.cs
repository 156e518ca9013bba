using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>
/// Timestamps of the calling thread's CPU time, so that a cost is what was used and not how long it took on a busy machine. Only for
/// <see cref="TimeProvider.GetTimestamp"/> and <see cref="TimeProvider.GetElapsedTime(long)"/> on one and the same thread.
/// </summary>
public sealed class ThreadCpuClock : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override long GetTimestamp() => Native.ThreadCpuNanoseconds();
}

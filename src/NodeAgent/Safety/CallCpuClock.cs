using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>The CPU time of the loop's thread and of the calls that it had carried out on others: what sensing and acting cost, wherever it was done. To be read on the loop's thread only.</summary>
/// <param name="stalls">Where calls are carried out.</param>
internal sealed class CallCpuClock(StallGuard stalls) : TimeProvider
{
    private readonly ThreadCpuClock _own = new();

    /// <inheritdoc/>
    public override long TimestampFrequency => _own.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => _own.GetTimestamp() + (stalls.CpuTime.Ticks * (TimestampFrequency / TimeSpan.TicksPerSecond));
}

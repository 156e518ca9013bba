using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Safety;

/// <summary>Carries a session's looks out where a process whose memory lock is held cannot hold up the loop, nor the looks at others.</summary>
/// <param name="stalls">The threads.</param>
internal sealed class GuardedLooks(StallGuard stalls) : IProbeRunner
{
    /// <summary>The loop waits for a look that is stuck up to twice as long. A look takes microseconds, reading a large process's mappings some milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public void Run(IReadOnlyList<ProbeLook> looks) => stalls.RunEach(looks, Patience);
}

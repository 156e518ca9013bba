namespace Damon.Testing.ControlPlane.Faults;

/// <summary>What goes wrong, with which requests, and how often.</summary>
/// <param name="kind">What.</param>
/// <param name="matches">With which requests.</param>
public sealed class Fault(FaultKind kind, Func<ProxiedRequest, bool> matches)
{
    private long _hits;
    private long _looks;

    public FaultKind Kind { get; } = kind;

    /// <summary>The code of <see cref="FaultKind.Status"/>.</summary>
    public int StatusCode { get; init; } = 500;

    /// <summary>For how long the client is asked to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long each piece of <see cref="FaultKind.Slow"/> waits.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>So many requests, and then no more.</summary>
    public long Times { get; init; } = long.MaxValue;

    /// <summary>Every so many-th of the requests that it matches: in turn and not by chance, so that a run can be told apart from another by its seed alone.</summary>
    public long Every { get; init; } = 1;

    /// <summary>How many requests it has met.</summary>
    public long Hits => Math.Min(Interlocked.Read(ref _hits), Times);

    internal bool Takes(ProxiedRequest request) => matches(request) && Interlocked.Increment(ref _looks) % Every == 0 && Interlocked.Increment(ref _hits) <= Times;
}

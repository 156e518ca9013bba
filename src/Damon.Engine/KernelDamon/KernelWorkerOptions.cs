namespace Damon.Engine.KernelDamon;

/// <summary>Bounds of a <see cref="KernelWorker"/>.</summary>
public sealed record KernelWorkerOptions
{
    /// <summary>The most requests that wait; at least 1. A further one is refused at once.</summary>
    public int Capacity { get; init; } = 16;

    /// <summary>How long a caller waits for its request, in the queue and while it is carried out; above zero.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A request that has been carried out for longer is stuck: further ones are refused at once; above zero.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the end waits for the request that is being carried out; above zero.</summary>
    public TimeSpan EndDeadline { get; init; } = TimeSpan.FromSeconds(5);

    internal bool IsUsable => Capacity >= 1 && Deadline > TimeSpan.Zero && StuckAfter > TimeSpan.Zero && EndDeadline > TimeSpan.Zero;
}

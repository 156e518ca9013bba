namespace Damon.Engine.KernelDamon;

/// <summary>
/// How long a call waits for the interface's one lock. Every command holds it while it is carried out, and every other file then gives EBUSY; the kernel does not queue.
/// </summary>
public sealed record KernelPatience
{
    /// <summary>The longest that one call of <see cref="IKdamond"/> tries again; above zero. A command that the kernel is carrying out is not counted.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first pause; above zero. Each further one is twice as long, up to <see cref="LongestPause"/>; half of each is drawn by chance, so that two writers do not meet for ever.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The longest pause; at least <see cref="FirstPause"/>.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMilliseconds(250);

    internal bool IsUsable => Deadline > TimeSpan.Zero && FirstPause > TimeSpan.Zero && LongestPause >= FirstPause;
}

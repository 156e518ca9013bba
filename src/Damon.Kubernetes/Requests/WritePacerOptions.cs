namespace Damon.Kubernetes.Requests;

/// <summary>How fast writes are let through.</summary>
public sealed record WritePacerOptions
{
    /// <summary>Writes a second in the long run.</summary>
    public double PerSecond { get; init; } = 200;

    /// <summary>Writes that may come at once.</summary>
    public int Burst { get; init; } = 200;

    /// <summary>The first pause after the server could not be reached, or could not.</summary>
    public TimeSpan MinPause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest, unless the server asks for a longer one.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(15);
}

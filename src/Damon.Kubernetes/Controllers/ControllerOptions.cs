namespace Damon.Kubernetes.Controllers;

/// <summary>How a controller works through its queue.</summary>
public sealed record ControllerOptions
{
    /// <summary>How many keys at once.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>How long a stop waits for keys that are being worked on before it cancels them.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);
}

namespace Damon.Kubernetes.Requests;

/// <summary>How often an apply is tried.</summary>
public sealed record ServerSideApplyOptions
{
    /// <summary>Attempts in all.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The first wait between two.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest. A server that asks for more than this gets the failure handed to the caller, who has a queue to wait in.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);
}

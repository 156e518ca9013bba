namespace Damon.Kubernetes.Requests;

/// <summary>A request that failed.</summary>
/// <param name="Kind">In what way.</param>
/// <param name="StatusCode">The answer's code; 0 without an answer.</param>
/// <param name="Message">For a reader.</param>
/// <param name="RetryAfter">How long the server wants to be left alone, if it said so.</param>
public sealed record ApiFailure(ApiFailureKind Kind, int StatusCode, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether it says nothing about objects, only that the server is out of reach for us: then the last known state stays in force.</summary>
    public bool IsLossOfServer => Kind is ApiFailureKind.Unreachable or ApiFailureKind.ServerError or ApiFailureKind.Unauthorized or ApiFailureKind.Forbidden
        or ApiFailureKind.Throttled or ApiFailureKind.VersionAhead or ApiFailureKind.Malformed;

    /// <summary>Whether the same request may succeed later without anything being changed.</summary>
    public bool IsTransient => Kind is ApiFailureKind.Unreachable or ApiFailureKind.ServerError or ApiFailureKind.Throttled or ApiFailureKind.Conflict or ApiFailureKind.VersionAhead
        or ApiFailureKind.Malformed;

    /// <inheritdoc/>
    public override string ToString() => StatusCode == 0 ? $"{Kind}: {Message}" : $"{Kind} ({StatusCode}): {Message}";
}

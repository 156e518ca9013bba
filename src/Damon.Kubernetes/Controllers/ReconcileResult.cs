namespace Damon.Kubernetes.Controllers;

/// <summary>What came of looking at a key.</summary>
public readonly record struct ReconcileResult
{
    private ReconcileResult(string? error, TimeSpan? after)
    {
        Error = error;
        After = after;
    }

    /// <summary>All is as it should be.</summary>
    public static ReconcileResult Done { get; } = new(error: null, after: null);

    /// <summary>What is not as it should be; null where all is well. The key is tried again after its back-off, for as long as it takes.</summary>
    public string? Error { get; }

    /// <summary>Look again after this, though nothing is wrong; of a failure the shortest wait.</summary>
    public TimeSpan? After { get; }

    /// <summary>All is well, and is to be looked at again after a while.</summary>
    public static ReconcileResult Again(TimeSpan after) => new(error: null, after);

    /// <summary>It failed for now.</summary>
    /// <param name="error">What is not as it should be.</param>
    /// <param name="notBefore">The earliest that it may be tried again, where the server has asked for that; the key's own back-off may be longer.</param>
    public static ReconcileResult Failed(string error, TimeSpan? notBefore = null) => new(error, notBefore);
}

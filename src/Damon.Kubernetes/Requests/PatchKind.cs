namespace Damon.Kubernetes.Requests;

/// <summary>How a patch is to be read.</summary>
public enum PatchKind
{
    /// <summary>Server-side apply: the fields that the manager wants, all of them.</summary>
    Apply,

    /// <summary>JSON merge patch (RFC 7386).</summary>
    Merge,
}

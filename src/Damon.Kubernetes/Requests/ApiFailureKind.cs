namespace Damon.Kubernetes.Requests;

/// <summary>Why a request did not do what it was for.</summary>
public enum ApiFailureKind
{
    /// <summary>No answer, or a broken one: no connection, a reset, a time-out, a certificate that does not fit.</summary>
    Unreachable,

    /// <summary>The server answered that it cannot (5xx).</summary>
    ServerError,

    /// <summary>The server does not know who asks (401).</summary>
    Unauthorized,

    /// <summary>Who asks may not (403).</summary>
    Forbidden,

    /// <summary>The object or the whole kind is not there (404).</summary>
    NotFound,

    /// <summary>Somebody else has changed the object meanwhile (409).</summary>
    Conflict,

    /// <summary>A field belongs to another manager, and was not taken from it (409 of an apply without force).</summary>
    FieldConflict,

    /// <summary>There is an object of that name (409).</summary>
    AlreadyExists,

    /// <summary>The version asked for, or the list that was being paged through, is forgotten: list anew (410).</summary>
    Expired,

    /// <summary>The server has not seen the version asked for: it was restored, or another instance is behind (504 with that cause).</summary>
    VersionAhead,

    /// <summary>Too many requests (429).</summary>
    Throttled,

    /// <summary>The request itself is wrong, and will be the next time (other 4xx).</summary>
    Invalid,

    /// <summary>The answer cannot be read.</summary>
    Malformed,

    /// <summary>Not sent: who asks may not write at present, as a leader whose lease is over.</summary>
    Fenced,
}

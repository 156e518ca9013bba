namespace Damon.Testing.ControlPlane.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The connection breaks before the server has heard of the request.</summary>
    Drop,

    /// <summary>The server carries the request out, and the connection breaks before its answer: the client cannot know.</summary>
    DropAnswer,

    /// <summary>The answer breaks off in the middle.</summary>
    CutAnswer,

    /// <summary>A status in place of the server's answer; the server does not hear of the request.</summary>
    Status,

    /// <summary>The answer comes in pieces, with a wait before each.</summary>
    Slow,

    /// <summary>No answer, ever.</summary>
    Hang,

    /// <summary>A watch is accepted and then brings nothing more and never ends, whatever happens: half of a connection is gone.</summary>
    HalfOpen,

    /// <summary>A watch is accepted and ends at once.</summary>
    EndAtOnce,

    /// <summary>A watch is accepted and then told that its version is forgotten.</summary>
    ExpireWatch,
}

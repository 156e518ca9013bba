namespace Damon.Api.Nodes;

/// <summary>How a scheme is on a node.</summary>
public enum NodeSchemeState
{
    /// <summary>Not taken up yet.</summary>
    Pending,

    /// <summary>Suspended.</summary>
    Paused,

    /// <summary>Counts and changes nothing.</summary>
    Observing,

    /// <summary>Acts.</summary>
    Active,

    /// <summary>Held back by a rail, for now.</summary>
    Backoff,

    /// <summary>Stopped by a rail until it has cooled down, or by the mode.</summary>
    Stopped,

    /// <summary>Cannot work as it should.</summary>
    Degraded,

    /// <summary>Cannot work here.</summary>
    Unsupported,
}

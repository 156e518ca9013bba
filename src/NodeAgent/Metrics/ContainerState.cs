namespace Damon.NodeAgent.Metrics;

/// <summary>What the agent does with a container of the node. The names are label values of metrics.</summary>
internal enum ContainerState
{
    /// <summary>A session watches its memory.</summary>
    Monitored,

    /// <summary>No scheme is for it.</summary>
    NotSelected,

    /// <summary>A rule says that it is never touched, and no scheme only observes it.</summary>
    Protected,

    /// <summary>It does not run: not started yet, or ended.</summary>
    NotRunning,

    /// <summary>It runs, and its processes were not found.</summary>
    NotFound,

    /// <summary>Its processes were found and cannot be watched: a right is missing, or the backend cannot.</summary>
    NotWatchable,

    /// <summary>Not watched, so that the agent's own cost stays below its ceiling.</summary>
    Shed,
}

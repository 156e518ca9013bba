namespace Damon.Engine.Monitoring;

/// <summary>How one pass of a probe over its target ended.</summary>
public enum ProbeOutcome
{
    /// <summary>Every region has an observation.</summary>
    Ok,

    /// <summary>The process has exited, or executes another program in the same pid: the target ends.</summary>
    Gone,

    /// <summary>A right is missing: the target ends and the reason is reported.</summary>
    Denied,

    /// <summary>The interface is not there: the target ends and the reason is reported.</summary>
    Unsupported,

    /// <summary>This pass failed for a passing reason; nothing was observed and the next pass may succeed.</summary>
    TryAgain,
}

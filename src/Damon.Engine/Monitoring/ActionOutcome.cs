namespace Damon.Engine.Monitoring;

/// <summary>How an action on one target ended, judged by what was measured and not by what the kernel returned.</summary>
public enum ActionOutcome
{
    /// <summary>Nothing was asked for, or nothing is left of it to do here: what was asked for goes with the range before it.</summary>
    Nothing,

    /// <summary>A safety rail holds actions back for now: nothing was measured or done, and the memory keeps its age.</summary>
    Held,

    /// <summary>Advised, and the measured effect is there.</summary>
    Applied,

    /// <summary>Advised, and the effect cannot be measured for this action.</summary>
    Unmeasured,

    /// <summary>Advised, and nothing changed: never a success.</summary>
    NoEffect,

    /// <summary>Only some of the ranges could be advised.</summary>
    Partial,

    /// <summary>The process is gone.</summary>
    Gone,

    /// <summary>A right is missing.</summary>
    Denied,

    /// <summary>The kernel asks to try again later.</summary>
    TryAgain,

    /// <summary>The kernel does not accept this advice for another process.</summary>
    Unsupported,

    /// <summary>Any other error; the errno says which.</summary>
    Failed,
}

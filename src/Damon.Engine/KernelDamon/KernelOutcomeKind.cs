namespace Damon.Engine.KernelDamon;

/// <summary>How a change of the kernel's DAMON ended.</summary>
public enum KernelOutcomeKind
{
    /// <summary>It is in force.</summary>
    Done,

    /// <summary>Somebody else uses the interface, or it stayed locked for longer than we wait. Nothing is in force of what was asked.</summary>
    Busy,

    /// <summary>The kdamond does not run, or has ended: its targets died, or somebody turned it off.</summary>
    NotRunning,

    /// <summary>A process or control group is not there any more. Nothing is in force of what was asked.</summary>
    TargetVanished,

    /// <summary>This kernel cannot do what was asked; the message names it. Nothing was written.</summary>
    Unsupported,

    /// <summary>What was read back is not what was written: somebody else writes too. Nothing is in force of what was asked.</summary>
    Overwritten,

    /// <summary>The kernel refused what was asked (EINVAL, ENOMEM …); the message names the file or command.</summary>
    Refused,

    /// <summary>A right is missing.</summary>
    Denied,

    /// <summary>The interface is not there.</summary>
    Vanished,
}

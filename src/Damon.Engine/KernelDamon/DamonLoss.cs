namespace Damon.Engine.KernelDamon;

/// <summary>In which way the kernel's DAMON is not any more as its owner left it. The names are stable.</summary>
public enum DamonLoss
{
    /// <summary>It is as it was left.</summary>
    None,

    /// <summary>It was never taken, or has been given back.</summary>
    NotHeld,

    /// <summary>There are more or fewer kdamonds: somebody wrote <c>nr_kdamonds</c>, and with that removed all there were.</summary>
    CountChanged,

    /// <summary>As many as before, but new ones: somebody wrote the same number again, and with that removed all there were.</summary>
    Recreated,

    /// <summary>A kdamond that was started does not run: its targets died, or somebody turned it off.</summary>
    TurnedOff,

    /// <summary>A kdamond runs in another thread than the one that was started, or was not started at all: somebody turned it on.</summary>
    ForeignThread,

    /// <summary>A module of the kernel runs, or is told to.</summary>
    ModuleOn,

    /// <summary>The owner record is gone, or another's.</summary>
    RecordChanged,

    /// <summary>It cannot be read: gone, or locked for longer than we wait.</summary>
    Unreadable,
}

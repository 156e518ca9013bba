namespace Damon.NodeAgent.Safety;

/// <summary>A reason for which nothing is done although a scheme matches. The names are part of the interface: they are printed, and given to <c>--accept</c>.</summary>
public enum SafetyRail
{
    /// <summary>The process has not run for long enough: what it does at its start says little about later.</summary>
    StartGrace,

    /// <summary>The machine is short of memory: processes wait for it (PSI).</summary>
    Pressure,

    /// <summary>A rail cannot be measured on this machine, so it counts as tripped. May be accepted.</summary>
    RailUnmeasurable,

    /// <summary>A kdamond that is not ours reads the accessed bits that the Referenced backend clears. May be accepted.</summary>
    ForeignKdamond,

    /// <summary>The process is above 4 GiB, and a pass of the Referenced backend would hold its memory lock for too long. May be accepted.</summary>
    LargeProcess,
}

namespace Damon.Engine.Host;

/// <summary>Whether a process is still the one it was.</summary>
public enum ProcessLife
{
    /// <summary>The same process, running the same program image.</summary>
    Same,

    /// <summary>The same process runs another program image: its address space is a new one.</summary>
    ReplacedByExec,

    /// <summary>It has exited, or its pid belongs to another process.</summary>
    Exited,

    /// <summary>It cannot be said: the file could not be read for another reason.</summary>
    Unknown,
}

namespace Damon.Workload.Commands;

/// <summary>How a run ended, as its exit code; documented in docs/workload.md.</summary>
internal static class ExitCode
{
    /// <summary>The pattern ran to its end.</summary>
    public const int Done = 0;

    /// <summary>The events or the truth could not be written any more: the disk is full.</summary>
    public const int OutputLost = 1;

    /// <summary>The command line or the pattern is wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>The machine does not have the memory or the disk file system that the pattern needs.</summary>
    public const int NoRoom = 3;

    /// <summary>Ended by SIGINT, SIGTERM or SIGHUP; everything was cleaned up.</summary>
    public const int Interrupted = 130;
}

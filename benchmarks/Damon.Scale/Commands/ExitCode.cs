namespace Damon.Scale.Commands;

/// <summary>How a run ended, as its exit code; documented in benchmarks/README.md.</summary>
internal static class ExitCode
{
    /// <summary>Every bar held.</summary>
    public const int Held = 0;

    /// <summary>A bar did not hold, or the run failed.</summary>
    public const int NotHeld = 1;

    /// <summary>The command line is wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>There is no control plane to run it on.</summary>
    public const int Unsupported = 3;

    /// <summary>Ended by SIGINT, SIGTERM or SIGHUP; the servers have ended too.</summary>
    public const int Interrupted = 130;
}

namespace Damon.Demo.Commands;

/// <summary>How the demonstration ended, as its exit code; documented in docs/demo.md.</summary>
internal static class ExitCode
{
    /// <summary>Every bound held.</summary>
    public const int Held = 0;

    /// <summary>A bound did not hold, or a part of the demonstration failed.</summary>
    public const int NotHeld = 1;

    /// <summary>The command line is wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>This machine, or this user, cannot run all of it.</summary>
    public const int Unsupported = 3;

    /// <summary>Ended by SIGINT, SIGTERM or SIGHUP; the children have ended too.</summary>
    public const int Interrupted = 130;
}

namespace Damon.Footprint.Commands;

/// <summary>How a run ended, as its exit code; documented in benchmarks/README.md.</summary>
internal static class ExitCode
{
    /// <summary>Every bound held.</summary>
    public const int Held = 0;

    /// <summary>A bound did not hold, or the agent did not do what it must.</summary>
    public const int NotHeld = 1;

    /// <summary>The command line is wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>This machine cannot run it.</summary>
    public const int Unsupported = 3;

    /// <summary>Ended by a signal; everything that was started has ended.</summary>
    public const int Interrupted = 130;
}

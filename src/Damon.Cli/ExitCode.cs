namespace Damon.Cli;

/// <summary>What damonctl's exit code means; part of its interface.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Something failed while running: no target was left, or an action could not be carried out at all.</summary>
    public const int Failed = 1;

    /// <summary>The command line or an input file is wrong; nothing was done.</summary>
    public const int BadInput = 2;

    /// <summary>This machine cannot do what was asked; nothing was done, and the reason was printed.</summary>
    public const int Unsupported = 3;

    /// <summary>Ended by Ctrl-C or SIGTERM, cleanly.</summary>
    public const int Interrupted = 130;
}

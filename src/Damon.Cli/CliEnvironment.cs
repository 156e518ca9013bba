namespace Damon.Cli;

/// <summary>What a command may touch of the world around it; tests give their own.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Errors and progress.</param>
/// <param name="Time">The clock.</param>
/// <param name="HostPath">Where /proc and /sys are found: the root of this machine, or of a tree that looks like one.</param>
/// <param name="Width">Columns of the terminal; 0 where the output is not one.</param>
internal sealed record CliEnvironment(TextWriter Out, TextWriter Error, TimeProvider Time, string HostPath, int Width)
{
    /// <summary>The process's own console and clock.</summary>
#pragma warning disable RS0030 // The one place that gives commands the console.
    public static CliEnvironment OfThisProcess() =>
        new(Console.Out, Console.Error, TimeProvider.System, "/", Console.IsOutputRedirected ? 0 : TerminalWidth(Console.WindowWidth));
#pragma warning restore RS0030

    /// <summary>A terminal that does not know its width, such as a serial line, says 0.</summary>
    private static int TerminalWidth(int columns) => columns <= 0 ? 80 : Math.Max(40, columns);
}

namespace Damon.Cli.Tests;

/// <summary>One command, run in this process with writers in place of the console.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Task<CliRun> Of(params string[] arguments) => On("/", arguments);

    /// <summary>Runs a command on a host that is a tree in a folder.</summary>
    public static async Task<CliRun> On(string hostPath, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await DamonctlCommand.RunAsync(arguments, new CliEnvironment(output, error, TimeProvider.System, hostPath, Width: 0));
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }
}

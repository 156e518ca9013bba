using System.CommandLine;

namespace Damon.Cli.Completion;

/// <summary><c>damonctl completion SHELL</c>: the script that lets a shell complete commands, options and values.</summary>
internal static class CompletionCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        var command = new Command("completion", "Print a script that completes damonctl in a shell; for bash: source <(damonctl completion bash)") { shell };
        command.SetAction(parsed =>
        {
            environment.Out.Write(CompletionScripts.Of(parsed.GetValue(shell)!));
            environment.Out.Flush();
            return ExitCode.Ok;
        });
        return command;
    }
}

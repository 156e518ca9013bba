using System.CommandLine;
using Damon.Cli.Agent;
using Damon.Cli.Completion;
using Damon.Cli.Doctor;
using Damon.Cli.Interchange;
using Damon.Cli.Recordings;
using Damon.Cli.Run;
using Damon.Cli.Simulate;
using Damon.Cli.Validate;

namespace Damon.Cli;

/// <summary>The root command.</summary>
internal static class DamonctlCommand
{
    public static async Task<int> RunAsync(string[] arguments, CliEnvironment environment)
    {
        var root = new RootCommand("Find cold memory of running processes, and act on it within limits. See 'damonctl COMMAND --help'.")
        {
            ValidateCommand.Create(environment),
            RunCommand.Create(environment),
            SimulateCommand.Create(environment),
            RecordingCommand.Create(environment),
            ImportCommand.Create(environment),
            ExportCommand.Create(environment),
            AgentCommand.Create(environment),
            DoctorCommand.Create(environment),
            CompletionCommand.Create(environment),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                environment.Error.WriteLine(error.Message);
            }

            environment.Error.WriteLine("See 'damonctl --help'.");
            return ExitCode.BadInput;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = environment.Out, Error = environment.Error, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
    }
}

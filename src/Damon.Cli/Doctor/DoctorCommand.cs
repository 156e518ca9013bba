using System.CommandLine;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;

namespace Damon.Cli.Doctor;

/// <summary><c>damonctl doctor</c>: what this machine can do, and why not. Reads only.</summary>
internal static class DoctorCommand
{
    /// <summary>What every /proc has. Where none of them can be read there is no /proc, and everything that would be said of the machine would be a guess.</summary>
    private static readonly string[] Essential = ["/proc/meminfo", "/proc/self/status", "/proc/sys/kernel/osrelease"];

    public static Command Create(CliEnvironment environment)
    {
        var output = OutputOption.Create();
        var command = new Command("doctor", "Show what this machine can do, what it cannot, and what would help. Changes nothing.") { output };
        command.SetAction(parsed => Run(environment, parsed.GetValue(output)));
        return command;
    }

    private static int Run(CliEnvironment environment, OutputFormat output)
    {
        var host = new HostRoot(environment.HostPath);
        var errors = Essential.Select(path => host.ReadText(path).Error).ToList();
        if (errors.TrueForAll(error => error.Kind != HostErrorKind.None))
        {
            environment.Error.WriteLine($"nothing in /proc below {environment.HostPath} can be read ({errors[0]}); is it mounted there?");
            return ExitCode.Failed;
        }

        // What the kernel's DAMON can do is seen for certain only by writing to it, which this command does not do.
        var facts = MachineFacts.Read(host);
        var diagnosis = new Diagnosis(facts, KernelCapabilities.Expected(facts.Kernel));
        if (output == OutputFormat.Json)
        {
            JsonOutput.Write(environment.Out, stream => DoctorJson.Write(stream, diagnosis));
        }
        else
        {
            DoctorText.Write(environment.Out, diagnosis, environment.Width);
        }

        return ExitCode.Ok;
    }
}

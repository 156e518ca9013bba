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
        var probe = new Option<bool>("--probe-kernel")
        {
            Description = "Find out what the kernel's DAMON can by its files, in place of concluding it from the version: takes the interface if nobody uses it, tries words in a kdamond that does not run, and gives it back.",
        };
        var modules = ModulesOption.Create("for the time of --probe-kernel");
        var command = new Command("doctor", "Show what this machine can do, what it cannot, and what would help. Changes nothing, unless --probe-kernel is given.") { output, probe, modules };
        command.SetAction(parsed => Run(environment, parsed.GetValue(output), parsed.GetValue(probe), (parsed.GetValue(modules) ?? []).ToHashSet()));
        return command;
    }

    private static int Run(CliEnvironment environment, OutputFormat output, bool probes, HashSet<DamonModule> modulesOff)
    {
        var host = new HostRoot(environment.HostPath);
        var errors = Essential.Select(path => host.ReadText(path).Error).ToList();
        if (errors.TrueForAll(error => error.Kind != HostErrorKind.None))
        {
            environment.Error.WriteLine($"nothing in /proc below {environment.HostPath} can be read ({errors[0]}); is it mounted there?");
            return ExitCode.Failed;
        }

        // What the kernel's DAMON can do is seen for certain only by writing to it, which this command does not do unasked. The facts are those of the machine as it was found.
        var facts = MachineFacts.Read(host, ProcessAdviceProbe.Ask(host, environment.Time));
        var kernel = KernelCapabilities.Expected(facts.Kernel);
        var exitCode = ExitCode.Ok;
        if (probes)
        {
            var probed = Probe(host, environment.Time, modulesOff);
            if (probed.TryGet(out var features))
            {
                kernel = new KernelCapabilities(features);
            }
            else
            {
                environment.Error.WriteLine($"--probe-kernel: {(probed.Error.Detail.Length > 0 ? probed.Error.Detail : probed.Error.ToString())}");
                exitCode = ExitCode.Unsupported;
            }
        }

        var diagnosis = new Diagnosis(facts, kernel);
        if (output == OutputFormat.Json)
        {
            JsonOutput.Write(environment.Out, stream => DoctorJson.Write(stream, diagnosis));
        }
        else
        {
            DoctorText.Write(environment.Out, diagnosis, environment.Width);
        }

        return exitCode;
    }

    private static HostResult<KernelFeatures> Probe(HostRoot host, TimeProvider time, HashSet<DamonModule> modulesOff)
    {
        if (OperatingSystem.IsWindows())
        {
            return new HostError(HostErrorKind.Unsupported, HostDamonTree.Root, "there is no DAMON here");
        }

        using var kernel = new HostKernelInterface(new HostDamonTree(host), host, time, new OwnershipSettings { ExclusiveModules = modulesOff });
        var taken = kernel.Take();
        if (!taken.TryGet(out var kdamond))
        {
            return taken.Error;
        }

        var released = kernel.Release();
        return released.IsDone ? kdamond.Features : new HostError(HostErrorKind.Failed, HostDamonTree.Root, $"it was taken, and could not be given back: {released.Message}");
    }
}

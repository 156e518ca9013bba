using System.CommandLine;
using Damon.Demo.Acts;
using Damon.Demo.Children;
using Damon.Demo.Reports;
using Damon.Demo.Verdicts;
using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Demo.Commands;

/// <summary>The command line <c>damon-demo</c>: runs the acts one after the other and says by the exit code whether every promise held.</summary>
internal sealed class DemoCommand
{
    /// <summary>Far beyond what it takes; a demonstration that hangs ends, and its children with it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly TimeProvider _time;
    private readonly HostRoot _host;
    private readonly BuiltPrograms _programs;

    private readonly Option<string?> _directory = new("--directory")
    {
        Description = "A folder on a disk file system with 1 GiB of room, for the workload's files. Default: TMPDIR, else /var/tmp.",
        HelpName = "DIR",
    };

    private readonly Option<MonitoringBackend?> _backend = new("--backend")
    {
        Description = "How act 1 senses. Default: IdlePage where this machine has it, else Referenced.",
        HelpName = "IdlePage|Referenced",
    };

    /// <param name="output">Takes the narration.</param>
    /// <param name="error">Takes what is wrong with the command line.</param>
    /// <param name="time">The clock.</param>
    /// <param name="host">Where /proc and /sys are.</param>
    /// <param name="baseDirectory">The folder of this program's own binaries, beside which those of the other programs lie.</param>
    public DemoCommand(TextWriter output, TextWriter error, TimeProvider time, HostRoot host, string baseDirectory)
    {
        _output = output;
        _error = error;
        _time = time;
        _host = host;
        _programs = new BuiltPrograms(baseDirectory);
    }

    /// <summary>Carries a command line out.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments, CancellationToken interrupted)
    {
        var root = new RootCommand("Shows on a workload with a known access pattern that cold memory is seen, predicted and given back, and hot memory left alone.") { _directory, _backend };
        root.SetAction((parsed, _) => RunAsync(parsed.GetValue(_directory), parsed.GetValue(_backend), interrupted));
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            // The signals are listened to already; a second listener would end the process while its children are still being ended.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = _output, Error = _error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, CancellationToken.None);
        }

        foreach (var error in parsed.Errors)
            _error.WriteLine(error.Message);
        _error.WriteLine("See damon-demo --help.");
        return ExitCode.BadUsage;
    }

    private async Task<int> RunAsync(string? directory, MonitoringBackend? backend, CancellationToken interrupted)
    {
        var report = new Report(_output);
        if (_programs.Missing(_host, EngineCommand.Scheme, ReclaimAct.Pattern, MixedAct.Pattern) is { } missing)
        {
            report.Say($"{missing} is not there: build the repository first (make demo does).");
            return ExitCode.Unsupported;
        }

        var began = _time.GetTimestamp();
        var facts = MachineFacts.Read(_host);
        var chosen = backend ?? (facts.Backend(MonitoringBackend.IdlePage).IsAvailable ? MonitoringBackend.IdlePage : MonitoringBackend.Referenced);
        var path = directory is null ? null : Path.GetFullPath(directory);
        var stage = new Stage(_programs, _host, facts, _time, report, path, chosen);
        using var tooLong = new CancellationTokenSource(Longest, _time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(interrupted, tooLong.Token);
        List<ActEnd> ends = [];
        try
        {
            await new MachineAct(stage).RunAsync(ending.Token);
            ends.Add(await new ReclaimAct(stage).RunAsync(ending.Token));
            ends.Add(await new MixedAct(stage).RunAsync(ending.Token));
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            report.Section("Interrupted");
            report.Say("The children have ended, their files are deleted.");
            return ExitCode.Interrupted;
        }
        catch (OperationCanceledException)
        {
            ends.Add(new ActEnd().Fail("a child did not end in time and was ended"));
        }

        return Conclude(report, ends, _time.GetElapsedTime(began));
    }

    /// <summary>Writes what held and what did not.</summary>
    /// <returns>A broken promise weighs more than a part that could not be run.</returns>
    private static int Conclude(Report report, List<ActEnd> ends, TimeSpan took)
    {
        report.Section("Promises");
        report.Checks(ends.SelectMany(end => end.Checks));
        foreach (var (what, why) in ends.SelectMany(end => end.NotRun))
            report.NotRun(what, why);
        foreach (var failure in ends.Select(end => end.Failure).OfType<string>())
            report.Say($"FAILED: {failure}");

        var checks = ends.SelectMany(end => end.Checks).ToList();
        report.Say($"{checks.Count(check => check.Verdict == Verdict.Held)} of {checks.Count} promises held, in {Text.Seconds(took)}.");
        return checks.Exists(check => check.Verdict == Verdict.Broken) || ends.Exists(end => end.Failure is not null) ? ExitCode.NotHeld
            : checks.Exists(check => check.Verdict == Verdict.Unclear) || ends.Exists(end => end.NotRun.Count > 0) ? ExitCode.Unsupported
            : ExitCode.Held;
    }
}

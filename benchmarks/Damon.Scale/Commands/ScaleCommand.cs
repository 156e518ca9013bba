using System.CommandLine;
using Damon.Scale.Phases;
using Damon.Scale.Reports;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Scale.Commands;

/// <summary>The command line <c>damon-scale</c>: an operator and a cluster of simulated agents on a real API server, and whether each bar held.</summary>
internal sealed class ScaleCommand
{
    private static readonly ScaleOptions Defaults = new();

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _isTerminal;
    private readonly TimeProvider _time;

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes.", HelpName = "N", DefaultValueFactory = _ => Defaults.Nodes };
    private readonly Option<int> _schemes = new("--schemes") { Description = "How many schemes, which all select all nodes.", HelpName = "N", DefaultValueFactory = _ => Defaults.Schemes };
    private readonly Option<bool> _ownDefinitions = new("--own-definitions") { Description = "The API server serves our kinds itself, however old it is; else one before 1.30 passes them on to a current crdserver where there is one." };
    private readonly Option<int> _quiet = new("--quiet") { Description = "For how many seconds nothing happens at all.", HelpName = "S", DefaultValueFactory = _ => (int)Defaults.Quiet.TotalSeconds };
    private readonly Option<int> _steady = new("--steady") { Description = "For how many seconds nothing happens but that figures get old.", HelpName = "S", DefaultValueFactory = _ => (int)Defaults.Steady.TotalSeconds };
    private readonly Option<int> _soak = new("--soak") { Description = "For how many seconds the canary is watched.", HelpName = "S", DefaultValueFactory = _ => (int)Defaults.Soak.TotalSeconds };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Of the chance in agents' waits.", HelpName = "N", DefaultValueFactory = _ => Defaults.Seed };
    private readonly Option<string> _commit = new("--commit") { Description = "Which commit is measured, for the report.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.Commit };
    private readonly Option<OutputForm> _form = new("--output", "-o") { Description = "What is written to standard output.", HelpName = "markdown|json", DefaultValueFactory = _ => OutputForm.Markdown };

    /// <param name="output">Takes the report.</param>
    /// <param name="error">Takes progress, and what is wrong with the command line.</param>
    /// <param name="isTerminal">Whether progress may be written over itself.</param>
    /// <param name="time">The clock.</param>
    public ScaleCommand(TextWriter output, TextWriter error, bool isTerminal, TimeProvider time)
    {
        _output = output;
        _error = error;
        _isTerminal = isTerminal;
        _time = time;
    }

    /// <summary>Carries a command line out.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments, CancellationToken interrupted)
    {
        Between(_nodes, 2, ScaleOptions.MostNodes);
        Between(_schemes, 2, ScaleOptions.MostSchemes);
        foreach (var seconds in (Option<int>[])[_quiet, _steady, _soak])
            Between(seconds, 1, 3600);
        var root = new RootCommand("Runs the operator with simulated agents of many nodes on a real API server (KUBEBUILDER_ASSETS), and measures it.")
        {
            _nodes, _schemes, _ownDefinitions, _quiet, _steady, _soak, _seed, _commit, _form,
        };
        root.SetAction((parsed, _) => RunAsync(
            new ScaleOptions
            {
                Nodes = parsed.GetValue(_nodes),
                Schemes = parsed.GetValue(_schemes),
                WantsCurrentDefinitions = !parsed.GetValue(_ownDefinitions),
                Quiet = TimeSpan.FromSeconds(parsed.GetValue(_quiet)),
                Steady = TimeSpan.FromSeconds(parsed.GetValue(_steady)),
                Soak = TimeSpan.FromSeconds(parsed.GetValue(_soak)),
                Seed = parsed.GetValue(_seed),
                Commit = parsed.GetValue(_commit)!,
            },
            parsed.GetValue(_form),
            interrupted));
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            // The signals are listened to already; a second listener would end the process while its servers are still being ended.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = _output, Error = _error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, CancellationToken.None);
        }

        foreach (var error in parsed.Errors)
            await _error.WriteLineAsync(error.Message);
        await _error.WriteLineAsync("See damon-scale --help.");
        return ExitCode.BadUsage;
    }

    private static void Between(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && (value < least || value > most))
            result.AddError($"{option.Name} is from {least} to {most}.");
    });

    private async Task<int> RunAsync(ScaleOptions options, OutputForm form, CancellationToken interrupted)
    {
        if (ControlPlaneAssets.WhyNot(ControlPlaneAssets.KubeApiServer) is { } reason)
        {
            await _error.WriteLineAsync(reason);
            return ExitCode.Unsupported;
        }

        var progress = new Progress(_error, _isTerminal, _time);
        var report = new ScaleReport(options);
        var code = ExitCode.NotHeld;
        try
        {
            await using (var run = new ScaleRun(options, progress, report, _time))
                await run.RunAsync(interrupted);
            code = report.Bars.All(bar => bar.Holds) ? ExitCode.Held : ExitCode.NotHeld;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            report.Fault = "interrupted; the figures are those of what had ended before";
            code = ExitCode.Interrupted;
        }
        catch (Exception error) when (error is TimeoutException or InvalidOperationException)
        {
            report.Fault = error.Message;
        }

        progress.End();
        await _output.WriteAsync(form == OutputForm.Json ? report.Json() : report.Markdown());
        if (report.Fault is { } fault)
            await _error.WriteLineAsync($"The run did not come to its end: {fault}");
        return code;
    }
}

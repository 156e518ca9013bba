using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Damon.Footprint.Clusters;
using Damon.Footprint.Nodes;
using Damon.Footprint.Reports;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Footprint.Commands;

/// <summary>The command line <c>damon-footprint</c>.</summary>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes what is going on, and what is wrong.</param>
/// <param name="time">The clock.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks for programs of the build, and writes the result's file.")]
internal sealed class FootprintCommand(TextWriter output, TextWriter error, TimeProvider time)
{
    private readonly Option<FileInfo> _agent = new("--agent") { Description = "The compiled agent.", HelpName = "FILE", Required = true };
    private readonly Option<FileInfo> _paced = new("--paced-agent") { Description = "The same agent, with looks of a given cost.", HelpName = "FILE", Required = true };
    private readonly Option<string[]> _stages = new("--stage") { Description = $"What to run, repeatable: {string.Join(", ", Stage.All.Select(stage => $"\"{stage.Name}\""))}. Default: all.", HelpName = "NAME" };
    private readonly Option<int> _pods = new("--pods") { Description = "Pods of the node.", DefaultValueFactory = _ => 110 };
    private readonly Option<int> _processes = new("--processes") { Description = "Processes of each pod.", DefaultValueFactory = _ => 2 };
    private readonly Option<int> _regions = new("--regions") { Description = "Regions of each pod.", DefaultValueFactory = _ => 100 };
    private readonly Option<int> _schemes = new("--schemes") { Description = $"Schemes of the plan, at most {NodeObjects.MostSchemes}.", DefaultValueFactory = _ => 10 };
    private readonly Option<double> _look = new("--look-us") { Description = "What a look at a page costs, in microseconds.", DefaultValueFactory = _ => 3 };
    private readonly Option<int> _settle = new("--settle") { Description = "Seconds before each measurement.", DefaultValueFactory = _ => 75 };
    private readonly Option<int> _measure = new("--measure") { Description = "Seconds of each measurement.", DefaultValueFactory = _ => 120 };
    private readonly Option<bool> _fake = new("--fake-server") { Description = "Take the tests' API server although KUBEBUILDER_ASSETS names a real one." };
    private readonly Option<string> _format = new("--output", "-o") { Description = "table or json.", DefaultValueFactory = _ => "table" };
    private readonly Option<FileInfo?> _out = new("--out") { Description = "Write the result as Markdown to this file, too.", HelpName = "FILE" };
    private readonly Option<string> _commit = new("--commit") { Description = "What is measured, for the result.", DefaultValueFactory = _ => "not given" };

    /// <summary>Carries a command line out.</summary>
    /// <param name="arguments">The flags.</param>
    /// <param name="interrupted">Ends it.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments, CancellationToken interrupted)
    {
        var root = new RootCommand("Measures what the agent costs a node: its size, memory, start and CPU time, against their bounds.")
        {
            _agent, _paced, _stages, _pods, _processes, _regions, _schemes, _look, _settle, _measure, _fake, _format, _out, _commit,
        };
        _stages.AcceptOnlyFromAmong([.. Stage.All.Select(stage => stage.Name)]);
        _format.AcceptOnlyFromAmong("table", "json");
        AtLeast(_pods, 1);
        AtLeast(_processes, 1);
        AtLeast(_regions, 3);
        AtLeast(_settle, 0);
        AtLeast(_measure, 1);
        _schemes.Validators.Add(result =>
        {
            if (result.GetValue(_schemes) is var schemes && (schemes < 1 || schemes > NodeObjects.MostSchemes))
            {
                result.AddError($"--schemes is from 1 to {NodeObjects.MostSchemes}");
            }
        });
        root.SetAction((parsed, _) => RunAsync(parsed, interrupted));
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            // The signals are listened to already; a second listener would end the process while its children are still being ended.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, CancellationToken.None);
        }

        foreach (var wrong in parsed.Errors)
        {
            error.WriteLine(wrong.Message);
        }

        error.WriteLine("See damon-footprint --help.");
        return ExitCode.BadUsage;
    }

    private static void AtLeast(Option<int> option, int least) => option.Validators.Add(result =>
    {
        if (result.GetValue(option) < least)
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is at least {least}"));
        }
    });

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken interrupted)
    {
        foreach (var program in (FileInfo[])[parsed.GetValue(_agent)!, parsed.GetValue(_paced)!])
        {
            if (!program.Exists)
            {
                error.WriteLine($"{program} is not there: make footprint compiles it.");
                return ExitCode.Unsupported;
            }
        }

        var why = parsed.GetValue(_fake) ? "--fake-server" : ControlPlaneAssets.WhyNot(ControlPlaneAssets.KubeApiServer);
        if (why is not null)
        {
            error.WriteLine($"The API server is the tests' fake one ({why}).");
        }

        var chosen = parsed.GetValue(_stages) ?? [];
        var options = new FootprintOptions
        {
            Shipped = [parsed.GetValue(_agent)!.FullName],
            Paced = [parsed.GetValue(_paced)!.FullName],
            Stages = [.. Stage.All.Where(stage => chosen.Length == 0 || chosen.Contains(stage.Name, StringComparer.Ordinal))],
            Shape = new NodeShape(parsed.GetValue(_pods), parsed.GetValue(_processes), 64 << 20),
            RegionsPerPod = parsed.GetValue(_regions),
            Schemes = parsed.GetValue(_schemes),
            Look = TimeSpan.FromMicroseconds(parsed.GetValue(_look)),
            Settling = TimeSpan.FromSeconds(parsed.GetValue(_settle)),
            Measuring = TimeSpan.FromSeconds(parsed.GetValue(_measure)),
            UsesRealServer = why is null,
            Commit = parsed.GetValue(_commit)!,
        };
        try
        {
            var report = await new FootprintRun(options, error, time).RunAsync(interrupted);
            output.WriteLine(parsed.GetValue(_format) == "json" ? ReportWriters.Json(report) : ReportWriters.Table(report));
            if (parsed.GetValue(_out) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, ReportWriters.Markdown(report), CancellationToken.None);
            }

            return report.NotMeasured.Count > 0 || report.Rows.Any(row => row.IsMissed) ? ExitCode.NotHeld : ExitCode.Held;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            error.WriteLine("Interrupted: what was started has ended.");
            return ExitCode.Interrupted;
        }
    }
}

using System.CommandLine;
using Damon.Api.Schemes;
using Damon.Engine.Regions;
using Damon.NodeAgent.Plans;
using Damon.Patterns;

namespace Damon.Cli.Simulate;

/// <summary><c>damonctl simulate</c>: what a scheme would find and do on a workload whose truth is known.</summary>
internal static class SimulateCommand
{
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(60);

    public static Command Create(CliEnvironment environment)
    {
        var files = SchemeInput.FilesOption();
        var overrides = SchemeInput.OverridesOption();
        var workload = new Option<string>("--workload", "-w") { Description = "The workload pattern file.", HelpName = "FILE", Required = true };
        var duration = UnitOptions.Duration("--duration", "How much time to simulate; 60s where it is not given.");
        var seed = new Option<ulong>("--seed") { Description = "The source of chance: equal seeds give equal results, to the byte.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var machine = UnitOptions.Bytes("--machine", "The simulated machine's memory, for goals and watermarks; as much as the workload's where it is not given.");
        var mode = UnitOptions.Mode();
        var policy = UnitOptions.RegionPolicy();
        var output = OutputOption.Create();
        var command = new Command("simulate", "Run schemes over a simulated workload in virtual time, and compare what was found with the truth.")
        {
            files, overrides, workload, duration, seed, machine, mode, policy, output,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            environment,
            parsed.GetValue(files)!,
            parsed.GetValue(overrides) ?? [],
            parsed.GetValue(workload)!,
            parsed.GetValue(duration) ?? DefaultDuration,
            parsed.GetValue(seed),
            parsed.GetValue(machine),
            parsed.GetValue(mode),
            parsed.GetValue(policy) ?? RegionPolicyKind.Adaptive,
            parsed.GetValue(output),
            cancellation)));
        return command;
    }

    private static int Run(
        CliEnvironment environment,
        string[] files,
        string[] overrides,
        string workload,
        TimeSpan duration,
        ulong seed,
        ulong? machineBytes,
        SchemeMode? mode,
        RegionPolicyKind policy,
        OutputFormat output,
        CancellationToken cancellation)
    {
        var schemes = SchemeInput.Read(files, overrides, environment.Error);
        var pattern = ReadPattern(workload, environment.Error);
        if (schemes is null || pattern is null)
        {
            return ExitCode.BadInput;
        }

        var translations = PlanBuilder.ByRank(schemes)
            .Select(scheme => RefuseUnsimulated(SchemeTranslator.Translate(scheme, mode ?? scheme.Spec.Mode)))
            .ToList();
        foreach (var translation in translations.Where(t => t.Description is null))
        {
            environment.Error.WriteLine($"{translation.Scheme.Name}: {translation.Reason}: {translation.Message}");
        }

        if (translations.Exists(t => t.Description is null))
        {
            return ExitCode.Unsupported;
        }

        var defaults = Engine.Monitoring.MonitoringIntervals.Default;
        var plan = PlanBuilder.Build(translations, scheme => PlanBuilder.IntervalsOf(scheme, defaults.Sample, defaults.Aggregation), residentFloorBytes: 0);
        if (!PlanCheck.Pass(plan, environment.Error))
        {
            return ExitCode.BadInput;
        }

        var run = new PatternSimulation(pattern, plan, seed, policy, machineBytes);
        run.Run(duration, cancellation);
        if (cancellation.IsCancellationRequested)
        {
            environment.Error.WriteLine("interrupted; no result");
            return ExitCode.Interrupted;
        }

        if (output == OutputFormat.Json)
        {
            JsonOutput.Write(environment.Out, stream => SimulationReport.WriteJson(stream, run, pattern, seed, duration));
        }
        else
        {
            SimulationReport.WriteText(environment.Out, run, pattern, seed, duration);
        }

        return ExitCode.Ok;
    }

    /// <summary>A simulated machine is one node whose memory is the workload's: what it has not, no goal can follow, and what its pages have not, no filter can judge.</summary>
    private static SchemeTranslation RefuseUnsimulated(SchemeTranslation translation)
    {
        for (var i = 0; i < translation.Scheme.Spec.Filters.Count; i++)
        {
            if (translation.Scheme.Spec.Filters[i].Type is not (FilterType.Anonymous or FilterType.Young) and var type)
            {
                return translation with
                {
                    Description = null,
                    Reason = SchemeTranslator.UnsupportedField,
                    Message = $"spec.filters[{i}].type: {type} cannot be simulated; Anonymous and Young can",
                };
            }
        }

        var goals = translation.Description?.Quota.Goals ?? [];
        for (var i = 0; i < goals.Count; i++)
        {
            var why = goals[i] switch
            {
                { Metric: not (Engine.Schemes.GoalMetric.NodeMemoryUsed or Engine.Schemes.GoalMetric.NodeMemoryFree) } =>
                    $"metric: {goals[i].Metric} cannot be simulated; NodeMemoryUsed and NodeMemoryFree of node 0 can",
                { Node: not 0 } => "node: the simulated machine has only node 0",
                _ => null,
            };
            if (why is not null)
            {
                return translation with { Description = null, Reason = SchemeTranslator.UnsupportedField, Message = $"spec.quota.goals[{i}].{why}" };
            }
        }

        return translation;
    }

    private static WorkloadPattern? ReadPattern(string file, TextWriter errors)
    {
        var (bytes, problem) = InputFile.Read(file);
        if (bytes is null)
        {
            errors.WriteLine(problem);
            return null;
        }

        var result = WorkloadPatternReader.Read(file, bytes);
        foreach (var error in result.Errors)
        {
            errors.WriteLine(error);
        }

        return result.Pattern;
    }
}

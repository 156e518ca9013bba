using System.CommandLine;
using Damon.Api.Schemes;
using Damon.Cli.Recordings;
using Damon.Engine.Machine;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;
using Damon.NodeAgent.Plans;
using Damon.Patterns;
using MonitoringIntervals = Damon.Engine.Monitoring.MonitoringIntervals;
using MonitoringPlan = Damon.Engine.Monitoring.MonitoringPlan;

namespace Damon.Cli.Simulate;

/// <summary><c>damonctl simulate</c>: what a scheme would find and do on a workload whose truth is known, or in a recording.</summary>
internal static class SimulateCommand
{
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(60);

    /// <summary>All simulated memory begins on node 0; a tier below has to be somewhere else.</summary>
    private static readonly TranslationContext Simulated = new() { Tiers = MemoryTiers.Of(fast: [0], slow: [1]) };

    public static Command Create(CliEnvironment environment)
    {
        var files = SchemeInput.FilesOption();
        var overrides = SchemeInput.OverridesOption();
        var workload = new Option<string>("--workload", "-w") { Description = "A workload pattern file, whose truth is known.", HelpName = "FILE" };
        var recording = new Option<string>("--recording", "-r") { Description = "A recording of 'damonctl run --record', in place of a workload.", HelpName = "FILE" };
        var duration = UnitOptions.Duration("--duration", "How much time to simulate; 60s of a workload, all of a recording, where it is not given.");
        var seed = new Option<ulong>("--seed") { Description = "The source of chance: equal seeds give equal results, to the byte.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var machine = UnitOptions.Bytes("--machine", "The simulated machine's memory, for goals and watermarks; as much as the workload's where it is not given.");
        var mode = UnitOptions.Mode();
        var policy = UnitOptions.RegionPolicy();
        var output = OutputOption.Create();
        var command = new Command("simulate", "Run schemes over a simulated workload in virtual time and compare what was found with the truth, or over a recording.")
        {
            files, overrides, workload, recording, duration, seed, machine, mode, policy, output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(workload) is null == result.GetResult(recording) is null)
            {
                result.AddError("Give exactly one of --workload PATTERN and --recording FILE.");
            }
            else if (result.GetResult(recording) is not null && result.GetResult(seed) is { Implicit: false })
            {
                result.AddError("--seed does not go with --recording: nothing is left to chance there.");
            }
            else if (result.GetResult(recording) is not null && result.GetResult(machine) is not null)
            {
                result.AddError("--machine does not go with --recording: it does not say how much memory was left.");
            }
            else if (result.GetResult(recording) is not null && result.GetResult(policy) is not null)
            {
                result.AddError("--region-policy does not go with --recording: its regions are those that were recorded.");
            }
        });

        // On another thread: only then does Ctrl-C reach the command.
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var settings = new SimulateSettings
                {
                    Files = parsed.GetValue(files)!,
                    Overrides = parsed.GetValue(overrides) ?? [],
                    Duration = parsed.GetValue(duration),
                    Seed = parsed.GetValue(seed),
                    MachineBytes = parsed.GetValue(machine),
                    Mode = parsed.GetValue(mode),
                    RegionPolicy = parsed.GetValue(policy) ?? RegionPolicyKind.Adaptive,
                    Output = parsed.GetValue(output),
                };
                return parsed.GetValue(recording) is { } file ? Replay(environment, settings, file, cancellation) : Run(environment, settings, parsed.GetValue(workload)!, cancellation);
            },
            CancellationToken.None));
        return command;
    }

    private static int Run(CliEnvironment environment, SimulateSettings settings, string workload, CancellationToken cancellation)
    {
        var schemes = SchemeInput.Read(settings.Files, settings.Overrides, environment.Error);
        var pattern = ReadPattern(workload, environment.Error);
        if (schemes is null || pattern is null)
        {
            return ExitCode.BadInput;
        }

        if (MakePlan(environment, settings, schemes, RefuseUnsimulated, out var plan) is var problem and not ExitCode.Ok)
        {
            return problem;
        }

        var duration = settings.Duration ?? DefaultDuration;
        var run = new PatternSimulation(pattern, plan, settings.Seed, settings.RegionPolicy, settings.MachineBytes);
        run.Run(duration, cancellation);
        if (cancellation.IsCancellationRequested)
        {
            environment.Error.WriteLine("interrupted; no result");
            return ExitCode.Interrupted;
        }

        if (settings.Output == OutputFormat.Json)
        {
            JsonOutput.Write(environment.Out, stream => SimulationReport.WriteJson(stream, run, pattern, settings.Seed, duration));
        }
        else
        {
            SimulationReport.WriteText(environment.Out, run, pattern, settings.Seed, duration);
        }

        return ExitCode.Ok;
    }

    private static int Replay(CliEnvironment environment, SimulateSettings settings, string file, CancellationToken cancellation)
    {
        var schemes = SchemeInput.Read(settings.Files, settings.Overrides, environment.Error);
        var (stream, error) = RecordingFile.OpenToRead(file);
        using var opened = stream;
        if (stream is null)
        {
            environment.Error.WriteLine(error);
        }

        if (schemes is null || stream is null)
        {
            return ExitCode.BadInput;
        }

        if (MakePlan(environment, settings, schemes, RefuseUnrecorded, out var plan) is var problem and not ExitCode.Ok)
        {
            return problem;
        }

        using var run = new RecordingSimulation(new RecordingReader(stream), plan);
        using (var progress = new FileProgress(environment, stream))
        {
            run.Run(settings.Duration, progress.Update, cancellation);
        }

        if (cancellation.IsCancellationRequested)
        {
            environment.Error.WriteLine("interrupted; no result");
            return ExitCode.Interrupted;
        }

        if (run.End != RecordingReadOutcome.Snapshot && !RecordingFile.ReportEnd(file, run.Reader, run.End, environment.Error))
        {
            return ExitCode.BadInput;
        }

        if (run.Replay.Session is null)
        {
            environment.Error.WriteLine($"{file}: there is no snapshot in it");
            return ExitCode.BadInput;
        }

        if (settings.Output == OutputFormat.Json)
        {
            JsonOutput.Write(environment.Out, to => ReplayReport.WriteJson(to, file, run));
        }
        else
        {
            ReplayReport.WriteText(environment.Out, file, run, environment.Width);
        }

        return ExitCode.Ok;
    }

    private static int MakePlan(CliEnvironment environment, SimulateSettings settings, IReadOnlyList<DamonScheme> schemes, Func<SchemeTranslation, SchemeTranslation> refuse, out MonitoringPlan plan)
    {
        plan = null!;
        var translations = PlanBuilder.ByRank(schemes)
            .Select(scheme => refuse(SchemeTranslator.Translate(scheme, settings.Mode ?? scheme.Spec.Mode, Simulated)))
            .ToList();
        foreach (var translation in translations.Where(t => t.Description is null))
        {
            environment.Error.WriteLine($"{translation.Scheme.Name}: {translation.Reason}: {translation.Message}");
        }

        if (translations.Exists(t => t.Description is null))
        {
            return ExitCode.Unsupported;
        }

        var defaults = MonitoringIntervals.Default;
        plan = PlanBuilder.Build(translations, scheme => PlanBuilder.IntervalsOf(scheme, defaults.Sample, defaults.Aggregation), residentFloorBytes: 0);
        return PlanCheck.Pass(plan, environment.Error) ? ExitCode.Ok : ExitCode.BadInput;
    }

    /// <summary>A recording holds regions and nothing else of the machine.</summary>
    private static SchemeTranslation RefuseUnrecorded(SchemeTranslation translation)
    {
        var why = translation.Scheme.Spec.Filters.Count > 0 ? "filters: a recording does not say what its pages are"
            : translation.Description is { Destinations.Count: > 0, Mode: Engine.Schemes.SchemeMode.Enforce } ? "mode: a recording does not say on which memory node its pages lie, so moving them can only be observed"
            : translation.Description?.Watermarks is not null ? "watermarks: a recording does not say how much memory was left"
            : null;
        return why is null ? RefuseUnsimulated(translation) : translation with { Description = null, Reason = SchemeTranslator.UnsupportedField, Message = $"spec.{why}" };
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

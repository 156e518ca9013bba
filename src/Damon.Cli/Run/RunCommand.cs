using System.CommandLine;
using System.Globalization;
using Damon.Api.Schemes;
using Damon.Engine.Machine;
using Damon.NodeAgent.Safety;

namespace Damon.Cli.Run;

/// <summary><c>damonctl run</c>: the agent's loop on this machine, without Kubernetes.</summary>
internal static class RunCommand
{
    private static readonly SafetyRail[] Acceptable = [SafetyRail.RailUnmeasurable, SafetyRail.ForeignKdamond, SafetyRail.LargeProcess];

    public static Command Create(CliEnvironment environment)
    {
        var files = SchemeInput.FilesOption();
        var overrides = SchemeInput.OverridesOption();
        var pids = new Option<int[]>("--pid", "-p") { Description = "Processes to look at, with their children.", HelpName = "PID", AllowMultipleArgumentsPerToken = true };
        var cgroups = new Option<string[]>("--cgroup")
        {
            Description = "Directories of control groups, such as /sys/fs/cgroup/system.slice/x.service: their processes, now and later.",
            HelpName = "PATH",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Argument<string[]>("COMMAND") { Description = "After --: a command to start and look at; it is ended with the run.", Arity = ArgumentArity.ZeroOrMore };
        var duration = UnitOptions.Duration("--duration", "How long to run; until Ctrl-C or the end of the targets where it is not given.");
        var mode = UnitOptions.Mode();
        var backend = BackendOption();
        var grace = UnitOptions.Duration("--start-grace", "How long a process must have run before anything is done to it; 5m where it is not given.");
        var floor = UnitOptions.Bytes("--floor", "No page-out brings a process's resident set below this; 64Mi where it is not given, and never less than 1Mi.");
        var ceiling = UnitOptions.Share("--cpu-ceiling", "Share of one CPU that sensing may cost; 1% where it is not given. The sample interval is lengthened to stay below.");
        var policy = UnitOptions.RegionPolicy();
        var accept = AcceptOption();
        var nodeTargets = new Option<bool>("--node-targets") { Description = "Let schemes with target.kind Node act on the memory of the given control groups; without it they only count." };
        var modules = ModulesOption();
        var seed = new Option<ulong>("--seed") { Description = "Where the engine's chance begins.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var record = new Option<string>("--record") { Description = "Record what is found to this file, for simulate --recording; a recording that is there is continued.", HelpName = "FILE" };
        var recordEvery = RecordEveryOption();
        var output = OutputOption.Create();
        var run = new Command("run", "Sample running processes and apply schemes to their memory. Observe is the default mode: count, change nothing.")
        {
            files, overrides, pids, cgroups, duration, mode, backend, grace, floor, ceiling, policy, accept, modules, nodeTargets, record, recordEvery, seed, output, command,
        };
        run.Validators.Add(result =>
        {
            // Only whether they are there: a value that cannot be parsed has its own error.
            if (result.GetResult(pids) is null && result.GetResult(cgroups) is null && result.GetResult(command) is not { Tokens.Count: > 0 })
            {
                result.AddError("Name what to look at: --pid PID, --cgroup PATH, or -- COMMAND.");
            }
        });
        run.SetAction((parsed, cancellation) => Task.Run(
            () => new RunSession(environment).Run(
                new RunSettings
                {
                    Files = parsed.GetValue(files)!,
                    Overrides = parsed.GetValue(overrides) ?? [],
                    Pids = parsed.GetValue(pids) ?? [],
                    Cgroups = parsed.GetValue(cgroups) ?? [],
                    Command = parsed.GetValue(command) ?? [],
                    Accepted = (parsed.GetValue(accept) ?? []).ToHashSet(),
                    ModulesOff = (parsed.GetValue(modules) ?? []).ToHashSet(),
                    Backend = parsed.GetValue(backend),
                    NodeTargets = parsed.GetValue(nodeTargets),
                    Mode = parsed.GetValue(mode),
                    Duration = parsed.GetValue(duration),
                    StartGrace = parsed.GetValue(grace),
                    FloorBytes = parsed.GetValue(floor),
                    CpuCeiling = parsed.GetValue(ceiling),
                    RegionPolicy = parsed.GetValue(policy),
                    Record = parsed.GetValue(record),
                    RecordEvery = parsed.GetValue(recordEvery),
                    Seed = parsed.GetValue(seed),
                    Output = parsed.GetValue(output),
                },
                cancellation),
            CancellationToken.None));
        return run;
    }

    private static Option<int> RecordEveryOption() => new("--record-every")
    {
        Description = "Record every N-th aggregation only, from 1 to 65535; 1 where it is not given.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = result =>
        {
            if (ushort.TryParse(result.Tokens[^1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var every) && every > 0)
            {
                return every;
            }

            result.AddError("--record-every: write a whole number from 1 to 65535");
            return 1;
        },
    };

    private static Option<BackendKind?> BackendOption() => EnumOption.Create<BackendKind>(
        "--backend",
        "a backend",
        "BACKEND",
        "Auto, Kernel, IdlePage or Referenced, in place of the schemes' own.",
        nameof(BackendKind.Auto),
        nameof(BackendKind.Kernel),
        nameof(BackendKind.IdlePage),
        nameof(BackendKind.Referenced));

    private static Option<DamonModule[]> ModulesOption()
    {
        var names = string.Join(", ", Enum.GetValues<DamonModule>().Select(DamonModuleFacts.NameOf));
        var option = new Option<DamonModule[]>("--allow-module-off")
        {
            Description = $"Let a module of the kernel that uses DAMON be switched off for the time of the run, for --backend Kernel and schemes of a node: {names}. May be given several times.",
            HelpName = "MODULE",
            CustomParser = result =>
            {
                var modules = new List<DamonModule>();
                foreach (var token in result.Tokens)
                {
                    var known = Enum.GetValues<DamonModule>().Where(module => DamonModuleFacts.NameOf(module) == token.Value).ToList();
                    if (known.Count == 0)
                    {
                        result.AddError($"--allow-module-off: \"{token.Value}\" is no such module; these are: {names}");
                        return [];
                    }

                    modules.AddRange(known);
                }

                return [.. modules];
            },
        };
        option.CompletionSources.Add([.. Enum.GetValues<DamonModule>().Select(DamonModuleFacts.NameOf)]);
        return option;
    }

    private static Option<SafetyRail[]> AcceptOption()
    {
        var names = string.Join(", ", Acceptable);
        var option = new Option<SafetyRail[]>("--accept")
        {
            Description = $"Lift a safety rail, knowingly: {names}. May be given several times.",
            HelpName = "RAIL",
            CustomParser = result =>
            {
                var rails = new List<SafetyRail>();
                foreach (var token in result.Tokens)
                {
                    if (EnumOption.Find<SafetyRail>(token.Value) is not { } rail || !Acceptable.Contains(rail))
                    {
                        result.AddError($"--accept: \"{token.Value}\" is not a rail that can be lifted; these can: {names}");
                        return [];
                    }

                    rails.Add(rail);
                }

                return [.. rails];
            },
        };
        option.CompletionSources.Add(Array.ConvertAll(Acceptable, rail => rail.ToString()));
        return option;
    }
}

using Damon.Api.Schemes;
using Damon.Cli.Recordings;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Standalone;

namespace Damon.Cli.Run;

/// <summary>One <c>damonctl run</c>: checks everything before anything is started, runs, and says how it ended.</summary>
internal sealed class RunSession(CliEnvironment environment)
{
    /// <summary>The floor of safety.md: below this a process is not worth squeezing.</summary>
    private const ulong DefaultFloorBytes = 64UL << 20;

    private const ulong MinFloorBytes = 1UL << 20;

    private static readonly TimeSpan PatienceWithCommand = TimeSpan.FromSeconds(5);

    public int Run(RunSettings settings, CancellationToken cancellation)
    {
        if (settings.CpuCeiling is <= 0)
        {
            environment.Error.WriteLine("--cpu-ceiling: 0% leaves nothing to look with; write a share above it such as 1%");
            return ExitCode.BadInput;
        }

        var schemes = SchemeInput.Read(settings.Files, settings.Overrides, environment.Error);
        if (schemes is null)
        {
            return ExitCode.BadInput;
        }

        var ranked = PlanBuilder.ByRank(schemes);
        if (NodeSession.Takes(ranked))
        {
            return new NodeSession(environment).Run(settings, ranked, cancellation);
        }

        if (!TryFindBackend(settings, ranked, out var requested))
        {
            return ExitCode.BadInput;
        }

        var host = new HostRoot(environment.HostPath);
        var facts = MachineFacts.Read(host, ProcessAdviceProbe.Ask(host, environment.Time));
        var decision = BackendGate.Choose(facts, requested, settings.Accepted, settings.ModulesOff);
        if (decision.Backend is not { } backend)
        {
            environment.Error.WriteLine($"no backend: {decision.Reason}: {decision.Message}");
            return ExitCode.Unsupported;
        }

        var translations = Translate(settings, facts, ranked, CgroupOf(settings, host));
        if (translations.TrueForAll(translation => translation.Description is null))
        {
            environment.Error.WriteLine("no scheme can be carried out");
            return ExitCode.Unsupported;
        }

        var kind = backend switch
        {
            MonitoringBackend.Kernel => BackendKind.Kernel,
            MonitoringBackend.Referenced => BackendKind.Referenced,
            _ => BackendKind.IdlePage,
        };
        var (sample, aggregation) = DamonSchemeDefaults.Intervals(kind);
        var plan = PlanBuilder.Build(
            translations,
            scheme => PlanBuilder.IntervalsOf(scheme, sample.ToTimeSpan(), aggregation.ToTimeSpan()),
            Math.Max(MinFloorBytes, settings.FloorBytes ?? DefaultFloorBytes),
            tunesByDefault: backend == MonitoringBackend.Kernel);
        if (!PlanCheck.Pass(plan, environment.Error))
        {
            return ExitCode.BadInput;
        }

        if (settings.Record is not { } file)
        {
            return Start(settings, host, backend, decision, plan, null, cancellation);
        }

        // Before anything is started: a run that was to be recorded and is not would have to be done again.
        using var recording = RunRecording.Open(file, settings.RecordEvery, plan, host, environment, cancellation);
        if (recording is null)
        {
            return ExitCode.BadInput;
        }

        var exitCode = Start(settings, host, backend, decision, plan, recording, cancellation);
        return recording.Close() || exitCode != ExitCode.Ok ? exitCode : ExitCode.Failed;
    }

    private int Start(
        RunSettings settings, HostRoot host, MonitoringBackend backend, BackendDecision decision, MonitoringPlan plan, RunRecording? recording, CancellationToken cancellation)
    {
        ChildProcess? child = null;
        if (settings.Command.Count > 0)
        {
            var started = ChildProcess.Start(host, settings.Command, settings.Output == OutputFormat.Json ? environment.Error : null);
            if (!started.IsOk)
            {
                var hasEnded = started.Error.Kind == HostErrorKind.Vanished;
                environment.Error.WriteLine($"{settings.Command[0]}{(hasEnded ? "" : " could not be started")}: {started.Error.Detail}");
                return hasEnded ? ExitCode.Failed : ExitCode.BadInput;
            }

            child = started.Value;
        }

        try
        {
            IReadOnlyList<int> pids = child is null ? settings.Pids : [.. settings.Pids, child.Identity.Pid];
            var options = new RunOptions(plan, backend, new RunTargets(pids, settings.Cgroups))
            {
                Duration = settings.Duration,
                Seed = settings.Seed,
                Accepted = settings.Accepted,
                Recorder = recording,
                ShowsAllRegions = settings.Output == OutputFormat.Text,
            };
            options = options with
            {
                StartGrace = settings.StartGrace ?? options.StartGrace,
                CpuCeiling = settings.CpuCeiling ?? options.CpuCeiling,
                RegionPolicy = settings.RegionPolicy ?? options.RegionPolicy,
            };
            return Observe(settings, host, options, decision, child, cancellation);
        }
        finally
        {
            child?.End(PatienceWithCommand);
            child?.Dispose();
        }
    }

    private int Observe(RunSettings settings, HostRoot host, RunOptions options, BackendDecision decision, ChildProcess? child, CancellationToken cancellation)
    {
        IRunView view = settings.Output == OutputFormat.Json ? new JsonRunView(environment.Out, decision)
            : environment.Width > 0 ? new LiveRunView(environment, decision)
            : new TextRunView(environment.Out, decision);
        var factory = new HostTargetFactory(host, environment.Time, options.Backend);
        using var kernel = options.Backend == MonitoringBackend.Kernel && !OperatingSystem.IsWindows()
            ? new HostKernelInterface(new HostDamonTree(host), host, environment.Time, new OwnershipSettings { ExclusiveModules = settings.ModulesOff })
            : null;
        var sensing = kernel is null ? null : new KernelSensing(kernel, new KernelWorker(environment.Time, KernelSensing.WorkerOptions));
        using var run = new StandaloneRun(host, environment.Time, options, factory, view, sensing);
        RunEnd end;
        try
        {
            end = view.Show(() => run.Run(cancellation));
        }
        finally
        {
            sensing?.Worker.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        foreach (var rejected in run.Rejected)
        {
            environment.Error.WriteLine($"pid {rejected.Pid}: not looked at: {rejected.Reason}");
        }

        if (end == RunEnd.NoTarget)
        {
            if (run.FollowError.Length > 0)
            {
                environment.Error.WriteLine(run.FollowError);
            }

            environment.Error.WriteLine("there is nothing to look at: no target exists, or none may be looked at");
            return ExitCode.Failed;
        }

        if (run.KernelError.Length > 0)
        {
            environment.Error.WriteLine($"the kernel does not sense: {run.KernelError}");
        }

        view.OnEnded(run, child is { ExitCode: not null } && end == RunEnd.TargetsGone ? "CommandExited" : end.ToString());
        return end switch
        {
            RunEnd.Interrupted => ExitCode.Interrupted,
            RunEnd.KernelLost => ExitCode.Failed,
            RunEnd.TargetsGone when run.Session.EndedTargets.Any(t => t.State is Engine.Monitoring.TargetState.Denied or Engine.Monitoring.TargetState.Unsupported) => ExitCode.Failed,
            _ when run.Session.Schemes.All(IsRefused) => ExitCode.Failed,
            _ => ExitCode.Ok,
        };
    }

    /// <summary>Whether a scheme has tried and every one of its calls failed: a run that could not do anything is no success.</summary>
    private static bool IsRefused(Engine.Monitoring.SchemeRun scheme) =>
        scheme.Statistics is { FailedCalls: > 0, AdvisedBytes: 0, NoEffectCalls: 0 } && scheme.Description.Mode == Engine.Schemes.SchemeMode.Enforce;

    private bool TryFindBackend(RunSettings settings, IReadOnlyList<DamonScheme> schemes, out RequestedBackend requested)
    {
        var named = schemes.Select(scheme => scheme.Spec.Backend).Where(kind => kind != BackendKind.Auto).Distinct().ToList();
        var kind = settings.Backend ?? (named.Count == 0 ? BackendKind.Auto : named[0]);
        requested = kind switch
        {
            BackendKind.Kernel => RequestedBackend.Kernel,
            BackendKind.IdlePage => RequestedBackend.IdlePage,
            BackendKind.Referenced => RequestedBackend.Referenced,
            _ => RequestedBackend.Auto,
        };
        if (settings.Backend is not null || named.Count <= 1)
        {
            return true;
        }

        environment.Error.WriteLine($"the schemes name different backends ({string.Join(", ", named)}), and one session cannot have two: give one with --backend");
        return false;
    }

    /// <summary>The control group that goals speak of: the target, where it is one and nothing else.</summary>
    private static string? CgroupOf(RunSettings settings, HostRoot host) =>
        settings.Cgroups.Count == 1 && settings.Pids.Count == 0 && settings.Command.Count == 0 && CgroupLayout.Detect(host) is { MemoryIsV2: true } layout
            && layout.TryGetPath(settings.Cgroups[0], out var path) ? path : null;

    /// <summary>A node that is not there is named before anything runs, also where nothing would be moved: a prediction of it would be of another machine.</summary>
    private static SchemeTranslation RefuseMissingNodes(SchemeTranslation translation, IReadOnlyList<int> nodes)
    {
        var destinations = translation.Description?.Destinations ?? [];
        for (var i = 0; i < destinations.Count && nodes.Count > 0; i++)
        {
            if (!nodes.Contains(destinations[i].Node))
            {
                return translation with
                {
                    Description = null,
                    Reason = "NoMemoryNode",
                    Message = $"spec.action.destinations[{i}].node: this machine has no memory node {destinations[i].Node}; it has {string.Join(", ", nodes)}",
                };
            }
        }

        return translation;
    }

    private List<SchemeTranslation> Translate(RunSettings settings, MachineFacts facts, IReadOnlyList<DamonScheme> schemes, string? cgroup)
    {
        var translations = new List<SchemeTranslation>();
        foreach (var scheme in schemes)
        {
            var mode = scheme.Spec.Paused ? SchemeMode.Observe : settings.Mode ?? scheme.Spec.Mode;

            // Which backend senses has been decided for all schemes together.
            var translation = SchemeTranslator.Translate(
                scheme with { Spec = scheme.Spec with { Backend = BackendKind.Auto } }, mode, new TranslationContext { Cgroup = cgroup, Tiers = facts.Tiers });
            if (translation.Description is { } description && mode == SchemeMode.Enforce && !description.Quota.IsLimited && description.Action != Engine.Schemes.SchemeAction.Stat)
            {
                translation = translation with { Description = null, Reason = "NoQuota", Message = "spec.quota: Enforce needs quota.size, quota.time or quota.goals, such as --set quota.size=64Mi" };
            }

            translation = RefuseUnguardedMoves(RefuseMissingNodes(translation, facts.NumaNodes));
            if (translation.Description is null)
            {
                environment.Error.WriteLine($"{scheme.Name}: {translation.Reason}: {translation.Message}");
            }

            translations.Add(translation);
        }

        return translations;
    }

    /// <summary>The rail for placement is not there yet, and without it memory could be moved against a process's own policy, or onto a node that is full.</summary>
    private static SchemeTranslation RefuseUnguardedMoves(SchemeTranslation translation) =>
        translation.Description is { Mode: Engine.Schemes.SchemeMode.Enforce, Action: Engine.Schemes.SchemeAction.MigrateHot or Engine.Schemes.SchemeAction.MigrateCold } description
            ? translation with
            {
                Description = null,
                Reason = SchemeTranslator.UnsupportedField,
                Message = $"spec.action.type: {description.Action} is only observed on real memory by this version: it does not look yet whether a process is bound to its node and whether the destination has room",
            }
            : translation;
}

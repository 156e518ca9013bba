using System.Text.Json;
using Damon.Api.Schemes;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.Cli.Run;

/// <summary>A <c>damonctl run</c> of schemes with <c>target.kind: Node</c>: the kernel carries them out over physical memory, for the control groups that the command line names.</summary>
internal sealed class NodeSession(CliEnvironment environment)
{
    private const ulong DefaultFloorBytes = 64UL << 20;
    private const ulong MinFloorBytes = 1UL << 20;

    /// <summary>Whether these schemes are for it: one of a node and one of pods cannot share a run.</summary>
    public static bool Takes(IReadOnlyList<DamonScheme> schemes) => schemes.Any(scheme => scheme.Spec.Target.Kind == TargetKind.Node);

    public int Run(RunSettings settings, IReadOnlyList<DamonScheme> schemes, CancellationToken cancellation)
    {
        if (FindMisuse(settings, schemes) is { } misuse)
        {
            environment.Error.WriteLine(misuse);
            return ExitCode.BadInput;
        }

        var host = new HostRoot(environment.HostPath);
        var facts = MachineFacts.Read(host);
        if (!facts.Damon.HasSysfs)
        {
            environment.Error.WriteLine($"no backend: target.kind Node needs the kernel's DAMON: {facts.Damon.Summary}");
            return ExitCode.Unsupported;
        }

        var layout = CgroupLayout.Detect(host);
        var roots = new List<string>();
        foreach (var directory in settings.Cgroups)
        {
            if (!layout.MemoryIsV2 || !layout.TryGetPath(directory, out var root) || root == "/" || !host.Exists(directory))
            {
                environment.Error.WriteLine($"{directory} is no control group of version 2 below its root");
                return ExitCode.BadInput;
            }

            roots.Add(root);
        }

        var translations = schemes.Select(scheme => Translate(settings, scheme, new TranslationContext { Cgroup = roots.Count == 1 ? roots[0] : null, Tiers = facts.Tiers })).ToList();
        foreach (var refused in translations.Where(translation => translation.Description is null))
        {
            environment.Error.WriteLine($"{refused.Scheme.Name}: {refused.Reason}: {refused.Message}");
        }

        if (translations.TrueForAll(translation => translation.Description is null))
        {
            environment.Error.WriteLine("no scheme can be carried out");
            return ExitCode.Unsupported;
        }

        var (sample, aggregation) = DamonSchemeDefaults.Intervals(BackendKind.Kernel);
        var plan = PlanBuilder.Build(translations, scheme => PlanBuilder.IntervalsOf(scheme, sample.ToTimeSpan(), aggregation.ToTimeSpan()), 0);
        return PlanCheck.Pass(plan, environment.Error) ? Carry(settings, host, roots, plan, cancellation) : ExitCode.BadInput;
    }

    private static string? FindMisuse(RunSettings settings, IReadOnlyList<DamonScheme> schemes) =>
        schemes.Any(scheme => scheme.Spec.Target.Kind != TargetKind.Node) ? "schemes with target.kind Node and Pods cannot share a run: give them to two"
        : settings.Pids.Count > 0 || settings.Command.Count > 0 || settings.Cgroups.Count == 0 ? "a scheme with target.kind Node takes --cgroup PATH: the control groups whose memory may be acted on"
        : settings.Record is not null ? "--record: runs of a node cannot be recorded"
        : null;

    private static SchemeTranslation Translate(RunSettings settings, DamonScheme scheme, TranslationContext context)
    {
        var mode = scheme.Spec.Paused ? SchemeMode.Observe : settings.Mode ?? scheme.Spec.Mode;
        return SchemeTranslator.WithoutMoves(SchemeTranslator.TranslateForNode(scheme, mode, context));
    }

    private int Carry(RunSettings settings, HostRoot host, List<string> roots, MonitoringPlan plan, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
        {
            return ExitCode.Unsupported;
        }

        using var kernel = new HostKernelInterface(new HostDamonTree(host), host, environment.Time, new OwnershipSettings { ExclusiveModules = settings.ModulesOff });
        var worker = new KernelWorker(environment.Time, KernelSensing.WorkerOptions);
        try
        {
            var run = new NodeRun(new KernelSensing(kernel, worker), kdamond => Enforcer(settings, host, roots, plan, kdamond), environment.Time, settings.Duration);
            var end = run.Run(round => Write(settings.Output, round, null), cancellation);
            return Tell(settings, run, end);
        }
        finally
        {
            worker.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private KernelEnforcer Enforcer(RunSettings settings, HostRoot host, List<string> roots, MonitoringPlan plan, IKdamond kdamond)
    {
        var pressure = new PressureRail(host, environment.Time, settings.Accepted.Contains(SafetyRail.RailUnmeasurable));
        var floor = Math.Max(MinFloorBytes, settings.FloorBytes ?? DefaultFloorBytes);
        return new KernelEnforcer(
            kdamond,
            new NodeScope(host, roots, floor, (ulong)Environment.SystemPageSize),
            new KernelEnforcementPlan(KernelOperations.Paddr, plan.Intervals, plan.Limits, plan.Schemes) { IntervalsGoal = plan.IntervalsGoal, NodeTargetsAllowed = settings.NodeTargets },
            new CgroupEffectMeter(host),
            new KernelThreadClock(host),
            new HostSystemMemory(host),
            () => pressure.Check()?.ToString() ?? "",
            environment.Time);
    }

    private int Tell(RunSettings settings, NodeRun run, RunEnd? end)
    {
        if (!run.HasStarted && end is null)
        {
            environment.Error.WriteLine($"no backend: {run.LastOutcome.Kind}: {run.LastOutcome.Message}");
            return ExitCode.Unsupported;
        }

        Write(settings.Output, run, end?.ToString() ?? run.LastOutcome.Kind.ToString());
        if (end is null)
        {
            environment.Error.WriteLine($"{run.LastOutcome.Kind}: {run.LastOutcome.Message}");
        }

        if (!run.GivenBack.IsDone)
        {
            environment.Error.WriteLine($"the kernel's DAMON could not be given back: {run.GivenBack.Message}. What was granted ends by itself; the next run cleans up");
        }

        return end switch
        {
            RunEnd.Interrupted => ExitCode.Interrupted,
            RunEnd.Duration => ExitCode.Ok,
            _ => ExitCode.Failed,
        };
    }

    private void Write(OutputFormat format, NodeRun run, string? end)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Write(environment.Out, stream => WriteJson(stream, run, end));
            return;
        }

        if (end is not null)
        {
            environment.Out.WriteLine();
            environment.Out.WriteLine($"ended: {end} after {Format.Duration(run.Elapsed)}, {run.Cgroups.Count} control groups");
        }

        foreach (var scheme in run.Schemes)
        {
            var why = scheme.HeldBy.Length > 0 ? $", held by {scheme.HeldBy}" : scheme.Reason == KernelSchemeReason.None ? "" : $", {scheme.Reason}: {scheme.Message}";
            environment.Out.WriteLine(
                $"{Format.Duration(run.Elapsed),8}  {scheme.Description.Name}: matched {Format.Bytes(scheme.MatchedNowBytes)}, "
                + $"{(scheme.IsMeasured ? $"changed {Format.Bytes(scheme.EffectBytes)}" : $"acted on {Format.Bytes(scheme.SaidBytes)} as the kernel says")}{why}");
        }

        environment.Out.Flush();
    }

    private static void WriteJson(Stream stream, NodeRun run, string? end)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("type", end is null ? "pass" : "summary");
        if (end is not null)
        {
            json.WriteString("ended", end);
        }

        json.WriteString("backend", nameof(MonitoringBackend.Kernel));
        json.WriteNumber("elapsedMs", (long)run.Elapsed.TotalMilliseconds);
        json.WriteNumber("cgroups", run.Cgroups.Count);
        json.WriteNumber("restarts", run.Restarts);
        json.WriteStartArray("schemes");
        foreach (var scheme in run.Schemes)
        {
            json.WriteStartObject();
            json.WriteString("name", scheme.Description.Name);
            json.WriteString("reason", scheme.Reason.ToString());
            json.WriteString("message", scheme.Message);
            json.WriteString("heldBy", scheme.HeldBy);
            json.WriteNumber("grants", scheme.Grants);
            json.WriteNumber("grantedBytes", scheme.GrantedBytes);
            json.WriteNumber("matchedNowBytes", scheme.MatchedNowBytes);
            json.WriteNumber("triedBytes", scheme.TriedBytes);
            json.WriteNumber("kernelSaysBytes", scheme.SaidBytes);
            json.WriteNumber("effectBytes", scheme.EffectBytes);
            json.WriteBoolean("isMeasured", scheme.IsMeasured);
            json.WriteNumber("noEffectGrants", scheme.NoEffectGrants);
            json.WriteNumber("quotaExceededWindows", scheme.QuotaExceededWindows);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

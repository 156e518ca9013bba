using Damon.Api.Schemes;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Plans;
using Damon.Testing.Oracle;
using MonitoringIntervals = Damon.Engine.Monitoring.MonitoringIntervals;

namespace Damon.NodeAgent.Tests.Oracle;

/// <summary>A case on its way through the product: from the document to what a kdamond is told.</summary>
internal sealed class OracleScheme
{
    private const string FirstContainer = "/kubepods.slice/kubepods-pod1.slice/a.scope";
    private const string SecondContainer = "/kubepods.slice/kubepods-pod1.slice/b.scope";
    private const ulong GiB = 1UL << 30;

    /// <summary>The process of the cases about processes. It, the addresses and the control groups are those of the cases' command lines.</summary>
    public const int Process = 4321;

    /// <summary>The control groups of the cases about a whole node.</summary>
    public static IReadOnlyList<string> Containers { get; } = [FirstContainer, SecondContainer];

    private readonly MonitoringPlan _plan;
    private readonly KernelScope _scope;
    private readonly KernelOperations _operations;
    private readonly KernelFeatures _features;

    /// <summary>Those of them that a case is about: the filters of one need a single one.</summary>
    public static IReadOnlyList<string> ContainersOf(OracleCase @case) => @case.Name == "stat-filters" ? [FirstContainer] : Containers;

    /// <summary>Takes a case through the product.</summary>
    /// <param name="case">The case.</param>
    /// <param name="features">What the kernel can.</param>
    /// <param name="process">The process of the cases about processes, where it cannot have the number of the command lines.</param>
    public OracleScheme(OracleCase @case, KernelFeatures features, int process = Process)
    {
        var read = DamonSchemeReader.Read($"{@case.Name}.yaml", @case.Scheme);
        var scheme = read.Errors.Count == 0 ? read.Schemes.Single() : throw new InvalidOperationException($"{@case}: {read.Errors[0]}");
        _operations = scheme.Spec.Target.Kind == TargetKind.Node ? KernelOperations.Paddr : KernelOperations.Vaddr;
        _features = features;
        _scope = ScopeOf(_operations, ContainersOf(@case), process);

        // For processes the agent leaves nothing to the kernel but sensing, so its translator lets none of these schemes act; what the kernel is told where it acts is compared all the same.
        var translation = _operations == KernelOperations.Paddr
            ? SchemeTranslator.TranslateForNode(scheme, scheme.Spec.Mode)
            : SchemeTranslator.Translate(scheme, Api.Schemes.SchemeMode.Observe);
        Description = (translation.Description ?? throw new InvalidOperationException($"{@case}: {translation.Message}")) with { Mode = (Engine.Schemes.SchemeMode)(int)scheme.Spec.Mode };
        _plan = PlanBuilder.Build(
            [translation], one => PlanBuilder.IntervalsOf(one, MonitoringIntervals.Default.Sample, MonitoringIntervals.Default.Aggregation), residentFloorBytes: 0);
        Compilation = KernelSchemeCompiler.Compile(Description, _operations, _plan.Intervals, features, _scope, nodeTargetsAllowed: true);
    }

    public SchemeDescription Description { get; }

    public KernelCompilation Compilation { get; }

    public int Targets => _scope.Targets.Count;

    /// <summary>The first grant of an agent that has not spent anything.</summary>
    public ulong GrantBytes => Description.Quota.SizeBytes > 0 ? Math.Min(Description.Quota.SizeBytes, KernelLease.MostBytes) : KernelLease.MostBytes;

    /// <summary>What the document says, all of it, as a kernel is told that keeps the budget itself.</summary>
    public KernelContext AsWritten => ContextOf(Compilation.Scheme! with
    {
        ApplyInterval = Description.ApplyInterval,
        Quota = Description.Quota.IsLimited ? Description.Quota : null,
        Watermarks = Description.Watermarks,
    });

    /// <summary>What the kernel is told while the agent keeps the budget.</summary>
    public KernelContext AsCarriedOut => ContextOf(Compilation.Enforces
        ? KernelLease.Grant(Compilation.Scheme!, Description.Quota, GrantBytes, Targets, _plan.Intervals.Aggregation, _features.HasFailedCharge, _operations == KernelOperations.Paddr ? 0 : null)
        : Compilation.Scheme!);

    private static KernelScope ScopeOf(KernelOperations operations, IReadOnlyList<string> cgroups, int process) => operations == KernelOperations.Paddr
        ? new KernelScope(
            [new KernelTarget(0) { Ranges = [new AddressRange(4 * GiB, 8 * GiB)] }],
            [.. cgroups.Select(cgroup => new EligibleCgroup(cgroup))],
            new Dictionary<int, IReadOnlyList<AddressRange>> { [0] = [new(4 * GiB, 6 * GiB)], [1] = [new(6 * GiB, 8 * GiB)] })
        : new ProcessScope(() => new List<int> { process }, () => []).Read().Value;

    private KernelContext ContextOf(KernelScheme scheme) => new(_operations, _plan.Intervals, _plan.Limits, _scope.Targets, [scheme])
    {
        // Where the kernel acts nothing but the agent may change what an interval is.
        IntervalsGoal = Compilation.Enforces || !_features.HasIntervalsGoal ? null : _plan.IntervalsGoal,
    };
}

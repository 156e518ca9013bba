using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Regions;
using Damon.Lab.Guest.Running;
using Damon.NodeAgent.Tests.Oracle;
using Damon.Testing.Oracle;

namespace Damon.Lab.Guest.Oracle;

/// <summary>
/// What the product writes into the files of this machine's kernel for a scheme, against what damo would for the same scheme: all of it is read back after the kernel has taken it. See docs/reference/damo.md.
/// </summary>
internal static class DamoOracleTests
{
    private const string IntervalsGoal = "contexts/0/monitoring_attrs/intervals/intervals_goal/";

    /// <summary>An action on a node, one on processes, one that only counts.</summary>
    private static readonly string[] Smoke = ["pageout-filters", "hugepage-hot", "stat-tuned"];

    /// <summary>Kernels without a limit of passes (before 7.0) carry nothing out that would go on after the agent's death, and their filters cannot let memory of two control groups through.</summary>
    private static readonly Dictionary<string, KernelSchemeReason> RefusedWithoutPassLimit = new(StringComparer.Ordinal)
    {
        ["hugepage-hot"] = KernelSchemeReason.NoLease,
        ["nohugepage-sparse"] = KernelSchemeReason.NoLease,
        ["lru-deprio-cold"] = KernelSchemeReason.NoLease,
        ["lru-deprio-slow"] = KernelSchemeReason.NoLease,
        ["lru-prio-goals"] = KernelSchemeReason.NoLease,
        ["lru-prio-hot"] = KernelSchemeReason.NoLease,
        ["migrate-cold"] = KernelSchemeReason.NoLease,
        ["migrate-cold-goals"] = KernelSchemeReason.NoLease,
        ["migrate-hot"] = KernelSchemeReason.NoLease,
        ["pageout-cold"] = KernelSchemeReason.NoLease,
        ["pageout-pressure"] = KernelSchemeReason.NoLease,
        ["pageout-filters"] = KernelSchemeReason.UnsupportedFilter,
        ["stat-everything"] = KernelSchemeReason.UnsupportedFilter,
        ["stat-filters"] = KernelSchemeReason.UnsupportedFilter,
    };

    public static IReadOnlyList<LabTest> All { get; } =
    [
        .. OracleCase.All.Select(one => new LabTest(
            $"The_kernel_holds_what_damo_would_write_for_{one.Name.Replace('-', '_')}", Smoke.Contains(one.Name) ? LabSet.Smoke : LabSet.Full, context => Holds_what_damo_would_write(context, one))
        {
            SkipReason = machine => machine.Facts.Damon.HasSysfs ? null : "this kernel's DAMON has no files",
        }),
    ];

    private static async Task Holds_what_damo_would_write(LabContext context, OracleCase @case)
    {
        context.FreeDamon();
        OracleSubjects.CreateContainers(context, @case);
        var process = await OracleSubjects.StartProcessAsync(context);
        var tree = new HostDamonTree(context.Host);
        var pool = new KdamondPool(tree, new HostKernelSubjects(context.Host, CgroupLayout.Detect(context.Host)), context.Time, new RandomSource(1), new KernelPatience());
        Done("the interface is taken", pool.Open(1));
        var kdamond = pool.Kdamonds[0];
        var features = kdamond.Features;
        var scheme = new OracleScheme(@case, features, process);
        if (scheme.Compilation.Scheme is null)
        {
            Expect.True($"refused: {scheme.Compilation.Message}", !features.HasSnapshotLimit && RefusedWithoutPassLimit.ContainsKey(@case.Name));
            Expect.Equal($"why it is refused ({scheme.Compilation.Message})", RefusedWithoutPassLimit[@case.Name], scheme.Compilation.Reason);
            return;
        }

        Expect.True("a kernel without a limit of passes refuses it", features.HasSnapshotLimit || !RefusedWithoutPassLimit.ContainsKey(@case.Name));
        var damos = Here(DamoParameters.Of(@case.Answer, features.HasFilterLayers), features, process);

        // While the kernel acts, or counts, for the agent.
        Same("as it is carried out", kdamond, scheme.AsCarriedOut, scheme.Compilation.Enforces ? GrantedParameters.Of(damos, scheme.GrantBytes, scheme.Targets) : ObservedParameters.Of(damos));

        // What damo asks for, the kernel keeping the budget: with its own containers empty, and without a pass before it is turned off, nothing comes of it.
        Same("as it is written", kdamond, scheme.AsWritten, damos);
        Done("the interface is given back", pool.Close());

        void Same(string what, IKdamond told, KernelContext words, IReadOnlyDictionary<string, string> expected)
        {
            Done($"stopped before {what}", told.Stop());
            Done(what, told.Start(words));
            var found = ParameterDifference.Between(KernelParameters.KernelParametersOf(tree, 0), expected);
            Done($"stopped after {what}", told.Stop());
            var meant = found.Where(difference => !PurposefulDifference.All.Any(purposeful => purposeful.Covers(@case.Name, difference))).ToList();
            Expect.Sequence($"{what}: files that differ from damo's", [], meant);
        }
    }

    /// <summary>What damo would write here: the process has another number, and files that a kernel does not have are not written by anybody.</summary>
    private static Dictionary<string, string> Here(IReadOnlyDictionary<string, string> damos, KernelFeatures features, int process)
    {
        var here = damos.Where(file => features.HasIntervalsGoal || !file.Key.StartsWith(IntervalsGoal, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        foreach (var file in here.Keys.Where(file => file.EndsWith("/pid_target", StringComparison.Ordinal) && here[file] == $"{OracleScheme.Process}").ToList())
            here[file] = $"{process}";
        return here;
    }

    private static void Done(string what, KernelOutcome outcome) => Expect.True($"{what}: {outcome.Kind} {outcome.Message}", outcome.IsDone);
}

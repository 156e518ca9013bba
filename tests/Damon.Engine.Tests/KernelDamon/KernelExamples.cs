using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>Kernels, scopes and schemes that the tests share.</summary>
internal static class KernelExamples
{
    public static KernelFeatures Newest { get; } = new()
    {
        Operations = new HashSet<KernelOperations> { KernelOperations.Vaddr, KernelOperations.Fvaddr, KernelOperations.Paddr },
        Actions = Enum.GetValues<SchemeAction>().Where(action => action != SchemeAction.Reclaim).ToHashSet(),
        Filters = Enum.GetValues<SchemeFilterType>().ToHashSet(),
        HasFilterAllow = true,
        HasFilterLayers = true,
        HasSnapshotLimit = true,
        HasFilterPassed = true,
        HasTargetNode = true,
        HasIntervalsGoal = true,
    };

    /// <summary>Linux 6.12: filters only hold back, nothing ends by itself.</summary>
    public static KernelFeatures Linux612 { get; } = Newest with
    {
        Actions = Newest.Actions.Where(action => action != SchemeAction.Collapse).ToHashSet(),
        Filters = new HashSet<SchemeFilterType> { SchemeFilterType.Anonymous, SchemeFilterType.Cgroup, SchemeFilterType.Young, SchemeFilterType.Address, SchemeFilterType.Target },
        HasFilterAllow = false,
        HasFilterLayers = false,
        HasSnapshotLimit = false,
        HasFilterPassed = false,
        HasIntervalsGoal = false,
    };

    public static MonitoringIntervals Intervals { get; } = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    public static SchemeDescription Pageout { get; } = new("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) })
    {
        Mode = SchemeMode.Enforce,
        Quota = new SchemeQuota { SizeBytes = 2 << 20 },
    };

    public static KernelScope Scope(params string[] cgroups) => new(
        [new KernelTarget(0) { Ranges = [new AddressRange(0x1000, 0x20000000)] }],
        [.. cgroups.Select(path => new EligibleCgroup(path))],
        new Dictionary<int, IReadOnlyList<AddressRange>> { [0] = [new AddressRange(0x1000, 0x10000000)], [1] = [new AddressRange(0x10000000, 0x20000000)] });

    public static KernelCompilation Compile(SchemeDescription scheme, KernelFeatures? features = null, KernelScope? scope = null, KernelOperations operations = KernelOperations.Paddr, bool allowed = true) =>
        KernelSchemeCompiler.Compile(scheme, operations, Intervals, features ?? Newest, scope ?? Scope("/a", "/b"), allowed);

    public sealed class FixedScope(Func<KernelScope> scope) : IKernelScope
    {
        public HostResult<KernelScope> Read() => scope();
    }

    /// <summary>A machine on which of what the kernel says a share really goes.</summary>
    public sealed class FakeMeter(Func<long> level) : IEffectMeter
    {
        public bool CanMeasure(SchemeAction action) => action != SchemeAction.LruPrio;

        public IReadOnlyDictionary<string, EffectLevel> ReadLevels(SchemeAction action, int? node, IReadOnlyList<EligibleCgroup> cgroups) =>
            cgroups.Take(1).ToDictionary(cgroup => cgroup.Path, _ => new EffectLevel(level(), 0), StringComparer.Ordinal);
    }

    public sealed class FakeClock(Func<TimeSpan?> read) : IKernelThreadClock
    {
        public TimeSpan? Read(int pid) => read();
    }
}

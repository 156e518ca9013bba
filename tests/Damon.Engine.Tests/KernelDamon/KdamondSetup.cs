using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;
using Damon.Testing.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>A kernel's files, two processes, and one kdamond of ours over them.</summary>
internal sealed class KdamondSetup : IKernelSubjects
{
    public const string Context = "kdamonds/0/contexts/0/";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public KdamondSetup(string kernel)
    {
        Fake = new FakeDamonTree(kernel == "6.12" ? FakeKernel.Debian612 : FakeKernel.Debian73);
        Tree = new InterposedDamonTree(Fake);
        A = Fake.Processes.Start(new FakeRegion(0x1000_0000, 0x1400_0000, 20, 3), new FakeRegion(0x1400_0000, 0x2000_0000, 0, 40));
        B = Fake.Processes.Start(new FakeRegion(0x7000_0000, 0x7100_0000, 5, 1));
        Pool = new KdamondPool(Tree, this, Time, new RandomSource(1), new KernelPatience { Deadline = Patience });
        var opened = Pool.Open(1);
        opened.IsDone.Should().BeTrue(opened.Message);
        Wanted = new KernelContext(KernelOperations.Vaddr, MonitoringIntervals.Default, RegionLimits.Default, [new KernelTarget(A), new KernelTarget(B)], [Query(0), Query(1)]);
    }

    public FakeDamonTree Fake { get; }

    public InterposedDamonTree Tree { get; }

    public VirtualTime Time { get; } = new();

    public KdamondPool Pool { get; }

    public IKdamond Kdamond => Pool.Kdamonds[0];

    public FakeKdamond InKernel => Fake.Kdamonds[0];

    public int A { get; }

    public int B { get; }

    /// <summary>Each process with a query of its own.</summary>
    public KernelContext Wanted { get; }

    public static KernelScheme Query(int target) => new(SchemeAction.Stat, KernelPattern.Everything) { Filters = [new SchemeFilter(SchemeFilterType.Target, Matching: false, Allow: false) { TargetId = target }] };

    public KdamondSetup Started(KernelContext? context = null)
    {
        var started = Kdamond.Start(context ?? Wanted);
        started.IsDone.Should().BeTrue(started.Message);
        return this;
    }

    /// <summary>What is written while something is done; the context's files without their folder.</summary>
    public List<string> WritesOf(Action action)
    {
        var before = Fake.Writes.Count;
        action();
        return [.. Fake.Writes.Skip(before).Select(write => $"{write.Path.Replace(Context, "", StringComparison.Ordinal)}={write.Text}")];
    }

    public bool HasProcess(int pid) => Fake.Processes.IsAlive(pid);

    public bool HasCgroup(string path) => Fake.MemoryCgroups.Contains(path);
}

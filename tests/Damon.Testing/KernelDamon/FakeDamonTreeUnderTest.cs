namespace Damon.Testing.KernelDamon;

/// <summary>The fake as something to run <see cref="DamonTreeCases"/> on.</summary>
/// <param name="tree">The fake.</param>
public sealed class FakeDamonTreeUnderTest(FakeDamonTree tree) : DamonTreeUnderTest(tree)
{
    private ulong _next = 0x5500_0000_0000;

    /// <inheritdoc/>
    public override string MemoryCgroup
    {
        get
        {
            tree.MemoryCgroups.Add("/cases");
            return "/cases";
        }
    }

    /// <inheritdoc/>
    public override DamonTreeProcess StartProcess()
    {
        var region = new FakeRegion(_next, _next + (8 << 20), Accesses: 20, Age: 3);
        _next += 1 << 30;
        var pid = tree.Processes.Start(region);
        return new DamonTreeProcess(pid, region.Start, region.End, () => tree.Processes.End(pid));
    }

    /// <inheritdoc/>
    public override void Pass(TimeSpan span) => tree.Pass(span);
}

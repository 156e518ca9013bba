using Damon.Engine.KernelDamon;
using Damon.Engine.Regions;
using Damon.Testing;
using Damon.Testing.KernelDamon;
using Damon.Testing.Oracle;

namespace Damon.NodeAgent.Tests.Oracle;

/// <summary>The newest kernel's files, and one kdamond that the product drives.</summary>
internal sealed class OracleKernel : IDisposable
{
    private readonly FakeDamonTree _tree = new(FakeKernel.Debian73);
    private readonly KdamondPool _pool;

    public OracleKernel()
    {
        _tree.Processes.Set(OracleScheme.Process);
        _tree.MemoryCgroups.UnionWith(OracleScheme.Containers);
        _pool = new KdamondPool(_tree, new EverythingIsThere(), new VirtualTime(), new RandomSource(1), new KernelPatience());
        _pool.Open(1).Should().Be(KernelOutcome.Done);
    }

    public KernelFeatures Features => _pool.Kdamonds[0].Features;

    /// <summary>What stands in the files after a start.</summary>
    public IReadOnlyDictionary<string, string> ParametersOf(KernelContext context)
    {
        _pool.Kdamonds[0].Stop();
        _pool.Kdamonds[0].Start(context).Should().Be(KernelOutcome.Done);
        return KernelParameters.KernelParametersOf(_tree, 0);
    }

    public void Dispose() => _pool.Close();

    private sealed class EverythingIsThere : IKernelSubjects
    {
        public bool HasProcess(int pid) => true;

        public bool HasCgroup(string path) => true;
    }
}

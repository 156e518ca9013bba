using Damon.Engine.KernelDamon;
using Damon.Testing.KernelDamon;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>A time in which the kernel answers no command: the thread that asks waits in it.</summary>
internal sealed class KernelSilence : IDisposable
{
    /// <summary>A test that fails does not end it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly FakeDamonTree _tree;
    private readonly KernelWorker _worker;
    private readonly ManualResetEventSlim _answer = new();
    private readonly ManualResetEventSlim _asking = new();

    /// <summary>Begins with the next command.</summary>
    /// <param name="tree">The kernel.</param>
    /// <param name="worker">Whose thread asks.</param>
    public KernelSilence(FakeDamonTree tree, KernelWorker worker)
    {
        (_tree, _worker) = (tree, worker);
        tree.OnCommand = _ =>
        {
            _asking.Set();
            _answer.WaitHandle.WaitOne(Longest);
        };
    }

    /// <summary>Whether somebody waits in it.</summary>
    public bool IsMet => _asking.IsSet;

    /// <summary>Answers whoever waits, and everybody who asks from now on. The thread is through with what it was caught in at the return: only then may time go on.</summary>
    public void End()
    {
        _tree.OnCommand = null;
        _answer.Set();
        SpinWait.SpinUntil(() => _worker.Occupied is null, Longest).Should().BeTrue("the kernel's thread comes back");
    }

    public void Dispose()
    {
        _answer.Dispose();
        _asking.Dispose();
    }
}

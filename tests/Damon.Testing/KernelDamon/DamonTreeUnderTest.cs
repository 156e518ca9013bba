using Damon.Engine.KernelDamon;

namespace Damon.Testing.KernelDamon;

/// <summary>A tree that <see cref="DamonTreeCases"/> are run on, a kernel's or the fake's, with what the cases need of its machine.</summary>
/// <param name="tree">The files; no kdamond is there when a case begins, and none when it has ended.</param>
public abstract class DamonTreeUnderTest(IDamonTree tree)
{
    /// <summary>The files.</summary>
    public IDamonTree Tree => tree;

    /// <summary>A memory control group that is there, as a path below the mount.</summary>
    public abstract string MemoryCgroup { get; }

    /// <summary>Starts a process that uses some MiB of memory all the time.</summary>
    public abstract DamonTreeProcess StartProcess();

    /// <summary>Lets time pass: on a kernel by waiting.</summary>
    public abstract void Pass(TimeSpan span);
}

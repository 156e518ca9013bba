namespace Damon.Engine.Monitoring;

/// <summary>
/// Decides where a session's looks at its targets are carried out. A read of another process's page tables waits in the kernel for as long as somebody holds that process's memory lock; a runner that
/// carries looks out on a thread of its own can leave such a look behind and go on with the next target's.
/// </summary>
/// <remarks>
/// Called from the session's thread, which does nothing with the session until the call is over. What looks cost is measured around the call: the session's clock has to know what is used on other threads.
/// </remarks>
public interface IProbeRunner
{
    /// <summary>Has looks carried out, each at most once: <see cref="ProbeLook.CarryOut"/>, never two of the same target at once.</summary>
    /// <param name="looks">
    /// The looks, in the session's order. The list is the session's: it is not kept. When this returns, a look may be done, not begun (then it is never begun), or not back yet: what it finds is then thrown away.
    /// </param>
    void Run(IReadOnlyList<ProbeLook> looks);
}

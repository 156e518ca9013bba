using Damon.Engine.KernelDamon;

namespace Damon.NodeAgent.Standalone;

/// <summary>What a run needs where the kernel senses. Whoever makes it disposes of it after the run.</summary>
/// <param name="Interface">The machine's one interface to DAMON; the run takes it and gives it back.</param>
/// <param name="Worker">The thread that talks to the kernel. Its deadline must leave room for the longest aggregation.</param>
public sealed record KernelSensing(IKernelInterface Interface, KernelWorker Worker)
{
    /// <summary>Bounds for the worker: tuned intervals may be long, and a read waits for the end of an aggregation.</summary>
    public static KernelWorkerOptions WorkerOptions { get; } = new() { Deadline = TimeSpan.FromMinutes(15), StuckAfter = TimeSpan.FromMinutes(15) };
}

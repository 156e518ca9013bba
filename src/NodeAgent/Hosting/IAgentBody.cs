using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Hosting;

/// <summary>What an agent's process runs: the loop, with what goes into it and comes out of it.</summary>
internal interface IAgentBody : IDisposable
{
    /// <summary>Takes what the cluster says. For any thread.</summary>
    IClusterSink Sink { get; }

    /// <summary>Runs on the thread that calls until it is cancelled, and puts back what can be put back.</summary>
    void Run(CancellationToken cancellation);

    /// <summary>What the agent tells about itself. For any thread.</summary>
    IAgentView View { get; }

    /// <summary>How the node is now; null before anything is known. For any thread.</summary>
    NodeReport? Report();

    /// <summary>What rails have done since the last call. For one thread, not the loop's.</summary>
    IReadOnlyList<RailTransition> TakeTransitions();
}

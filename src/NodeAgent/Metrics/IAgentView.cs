using Damon.NodeAgent.Heatmaps;

namespace Damon.NodeAgent.Metrics;

/// <summary>What the agent tells about itself. Any thread may ask at any time: what it gets are copies that do not change, and asking never waits for the loop.</summary>
internal interface IAgentView
{
    /// <summary>The latest figures; null before the loop has made the first.</summary>
    AgentFigures? Figures { get; }

    /// <summary>When the loop last began a round, as a timestamp of the agent's <see cref="TimeProvider"/>; null before the first.</summary>
    long? LastTurn { get; }

    /// <summary>Asks for a pod's heatmap, which begins to be recorded when it is asked for.</summary>
    /// <param name="pod">A pod of <see cref="Figures"/>.</param>
    HeatmapAnswer AskHeatmap(PodName pod);
}

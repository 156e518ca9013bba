namespace Damon.Testing.ControlPlane.Agents;

/// <summary>Hears what simulated agents see and do. Called by several threads at once.</summary>
public interface IAgentsObserver
{
    /// <summary>A node's plan has changed, or is seen for the first time.</summary>
    /// <param name="node">The node.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="at">When, of the clock.</param>
    void PlanSeen(string node, SimulatedPlan plan, long at);

    /// <summary>The server has taken a status.</summary>
    /// <param name="node">The node.</param>
    /// <param name="plan">The plan that it echoes.</param>
    /// <param name="at">When, of the clock.</param>
    void StatusWritten(string node, SimulatedPlan plan, long at);
}

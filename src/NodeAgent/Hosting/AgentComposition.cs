namespace Damon.NodeAgent.Hosting;

/// <summary>Puts an agent's loop together for this process: the one place that knows all its parts.</summary>
internal static class AgentComposition
{
    /// <summary>Makes what a process runs; nothing is started.</summary>
    /// <param name="options">The flags.</param>
    /// <param name="log">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="why">Why there is none; empty where there is.</param>
    /// <returns>The body, or null where this build or machine cannot run one.</returns>
    public static IAgentBody? Compose(AgentOptions options, JsonLog log, TimeProvider time, out string why)
    {
        _ = (options, log, time);
        why = "this build has no loop that acts on a cluster's plan yet; use damonctl run";
        return null;
    }
}

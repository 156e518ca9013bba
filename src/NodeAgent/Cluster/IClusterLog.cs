namespace Damon.NodeAgent.Cluster;

/// <summary>Where what happens between the agent and the cluster is told. For any thread.</summary>
internal interface IClusterLog
{
    /// <summary>Something happened.</summary>
    void Info(string message);

    /// <summary>Something does not work, and is tried again or left out.</summary>
    void Warn(string message);
}

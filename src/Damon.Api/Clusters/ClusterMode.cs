namespace Damon.Api.Clusters;

/// <summary>How far schemes may go, in a cluster or on a node. The smaller of two is the one in force.</summary>
public enum ClusterMode
{
    /// <summary>Nothing runs, and what can be restored is restored.</summary>
    Off,

    /// <summary>Schemes count; nothing is changed.</summary>
    Observe,

    /// <summary>Schemes may act as far as their own mode goes.</summary>
    Enforce,
}

namespace Damon.Engine.Host;

/// <summary>Version of the cgroup hierarchy.</summary>
public enum CgroupVersion
{
    /// <summary>No cgroups found.</summary>
    None,

    /// <summary>One hierarchy per controller.</summary>
    V1,

    /// <summary>Both mounted; each controller is in one of them.</summary>
    Hybrid,

    /// <summary>One hierarchy.</summary>
    V2,
}

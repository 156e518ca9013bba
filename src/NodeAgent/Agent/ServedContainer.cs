using Damon.Engine.Host;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <summary>A container of the node and what the loop has decided about it. Belongs to the loop; actors of its processes read it before each call.</summary>
/// <param name="memory">Where it is.</param>
internal sealed class ServedContainer(ContainerMemory memory)
{
    public ContainerMemory Memory { get; set; } = memory;

    /// <summary>The session's names of the schemes that serve it, ascending.</summary>
    public IReadOnlyList<string> Schemes { get; set; } = [];

    /// <summary>Which scheme may enforce which action on it now, by the scheme's uid. Of one class there is one scheme, so of one action, too.</summary>
    public Dictionary<SchemeAction, string> Enforcers { get; } = [];

    /// <summary>Why nothing is ever done to it.</summary>
    public Protection Protection { get; set; }

    /// <summary>Processes of it that are in the session.</summary>
    public HashSet<ProcessIdentity> Processes { get; } = [];

    /// <summary>Why some of its processes are not looked at, for people; empty where all are.</summary>
    public string Failure { get; set; } = "";

    /// <summary>Which rail holds what is done to it; null for none.</summary>
    public SafetyRail? HeldBy { get; set; }

    /// <summary>What that rail found.</summary>
    public string HeldReason { get; set; } = "";

    /// <summary>Whether it was there at the latest look.</summary>
    public bool IsThere { get; set; }

    /// <summary>memory.current; 0 where it is not known.</summary>
    public ulong ResidentBytes { get; set; }
}

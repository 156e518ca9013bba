using Damon.Api.Clusters;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Selection;

namespace Damon.NodeAgent.Agent;

/// <summary>A scheme of the plan in force, and what the loop has made of it. In the session it goes by its uid: another scheme of the same name is another scheme.</summary>
/// <param name="planned">The scheme.</param>
internal sealed class SchemeEntry(PlannedScheme planned)
{
    public PlannedScheme Planned { get; set; } = planned;

    public ModeDecision Decision { get; set; }

    public SchemeTranslation? Translation { get; set; }

    /// <summary>As the session has it; null where it is not carried out.</summary>
    public SchemeDescription? Description { get; set; }

    /// <summary>As the kernel has it for the whole node; null where it is not of a node, or not carried out. Then the session does not have it.</summary>
    public SchemeDescription? OfNode { get; set; }

    /// <summary>Whether the kernel may act for it.</summary>
    public bool ActsOnNode => OfNode is { Mode: Engine.Schemes.SchemeMode.Enforce, Action: not SchemeAction.Stat };

    /// <summary>What the rails said about its containers, where it is of the node.</summary>
    public NodeHold NodeHold { get; set; }

    /// <summary>Why it cannot be carried out on this node; empty where it can.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The same for people.</summary>
    public string Message { get; set; } = "";

    public SchemeSelection? Selection { get; set; }

    /// <summary>Its containers.</summary>
    public List<ServedContainer> Containers { get; } = [];

    /// <summary>Whether others have finer or coarser intervals in force than it asks for.</summary>
    public bool SharesMonitoring { get; set; }

    public bool IsEnforcing => Description is { Mode: Engine.Schemes.SchemeMode.Enforce, IsSuspended: false };

    /// <summary>What it did and would have done, over all sessions.</summary>
    public SchemeEffectMeter Meter { get; } = new();

    /// <summary>How often a rail began to hold one of its pods.</summary>
    public long Trips { get; set; }

    public bool IsCarriedOut => Reason.Length == 0 && Planned.Scheme is not null && Decision.Mode > ClusterMode.Off;
}

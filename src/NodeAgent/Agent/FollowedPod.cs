using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Agent;

/// <summary>What of a pod's memory is in the session.</summary>
/// <param name="record">The pod, as the API has it.</param>
internal sealed class FollowedPod(PodRecord record)
{
    public PodRecord Record { get; set; } = record;

    public List<ServedContainer> Containers { get; } = [];

    /// <summary>The versions of its schemes: with other ones, what stopped it may be tried again.</summary>
    public string Plan { get; set; } = "";

    /// <summary>The best place among the schemes that want it.</summary>
    public int Rank { get; set; } = int.MaxValue;

    /// <summary>The share of the budgets that the rails leave it.</summary>
    public double BudgetShare { get; set; } = 1;

    /// <summary>Regions that the node's probe budget gives it.</summary>
    public int Regions { get; set; }

    /// <summary>Whether it is left out because looking at everything costs too much.</summary>
    public bool IsShed { get; set; }
}

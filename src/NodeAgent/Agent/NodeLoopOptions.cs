using Damon.Engine.Regions;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Agent;

/// <summary>How the agent's loop runs on a node.</summary>
internal sealed record NodeLoopOptions
{
    /// <summary>This node's name; another node's plan is not taken.</summary>
    public required string NodeName { get; init; }

    /// <summary>The agent's version, for the status.</summary>
    public string AgentVersion { get; init; } = "";

    /// <summary>The agent's own pod; empty outside a pod.</summary>
    public string OwnPodUid { get; init; } = "";

    /// <summary>Where the session's chance begins.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How regions learn.</summary>
    public RegionPolicyKind RegionPolicy { get; init; } = RegionPolicyKind.Adaptive;

    /// <summary>How containers are found.</summary>
    public ContainerFinderOptions Finder { get; init; } = new();

    /// <summary>How often containers are looked for; at once when pods change.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The ceilings stretch sample intervals up to this, or to what a scheme asks for where that is longer.</summary>
    public TimeSpan LongestSampleInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether actions are carried out on threads of their own, so that a call that the kernel does not come back from holds nothing up.</summary>
    public bool GuardsAgainstStalls { get; init; } = true;

    /// <summary>The agent's own process, which is never looked at.</summary>
    public int OwnPid { get; init; } = Environment.ProcessId;

    /// <summary>CPU time that this whole process has used so far.</summary>
    public Func<TimeSpan> OwnCpu { get; init; } = static () => Environment.CpuUsage.TotalTime;

    /// <summary>Resident set of this whole process.</summary>
    public Func<ulong> OwnResident { get; init; } = static () => (ulong)Environment.WorkingSet;

    /// <summary>The most CPU that the agent takes, as a share of one CPU, where the cluster's configuration allows more; null for no limit of its own.</summary>
    public double? CpuCeiling { get; init; }

    /// <summary>What one look at a page is taken to cost before it was measured.</summary>
    public TimeSpan AssumedProbeCost { get; init; } = TimeSpan.FromMicroseconds(3);

    /// <summary>Times what sensing and acting cost; null for the CPU time of the loop's thread and of the calls that it has carried out on others.</summary>
    public TimeProvider? CostClock { get; init; }
}

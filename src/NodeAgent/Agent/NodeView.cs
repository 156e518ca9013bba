using Damon.Api.Nodes;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <summary>A node and its agent at one moment.</summary>
internal sealed record NodeView
{
    public string AgentVersion { get; init; } = "";

    public string Kernel { get; init; } = "";

    /// <summary>What senses; null where nothing does.</summary>
    public MonitoringBackend? Backend { get; init; }

    /// <summary>Why it is that one, CamelCase and stable.</summary>
    public string BackendReason { get; init; } = "";

    /// <summary>The same for people.</summary>
    public string BackendMessage { get; init; } = "";

    /// <summary>The intervals in force; null where nothing senses.</summary>
    public MonitoringIntervals? Intervals { get; init; }

    /// <summary>Regions of all targets.</summary>
    public int Regions { get; init; }

    /// <summary>Processes in the session.</summary>
    public int Targets { get; init; }

    /// <summary>Looks at memory per second.</summary>
    public double ProbesPerSecond { get; init; }

    /// <summary>CPU time of the whole agent as a share of one CPU.</summary>
    public double CpuShare { get; init; }

    /// <summary>How many times the ceilings have lengthened the intervals.</summary>
    public double Stretch { get; init; } = 1;

    /// <summary>Pods that are left out because looking at everything costs too much.</summary>
    public int ShedPods { get; init; }

    /// <summary>The rails that hold the whole node, the worst first.</summary>
    public IReadOnlyList<SafetyRail> HeldBy { get; init; } = [];

    /// <summary>How often each rail began to hold; rails that never did are missing.</summary>
    public IReadOnlyDictionary<SafetyRail, ulong> Trips { get; init; } = new Dictionary<SafetyRail, ulong>();

    /// <summary>For how long each rail has held, summed over pods.</summary>
    public IReadOnlyDictionary<SafetyRail, TimeSpan> BackOff { get; init; } = new Dictionary<SafetyRail, TimeSpan>();

    /// <summary>The latest changes of rails, oldest first.</summary>
    public IReadOnlyList<RailTransition> Transitions { get; init; } = [];

    /// <summary>Changes of rails since the start; the latest of them are <see cref="Transitions"/>.</summary>
    public ulong TransitionCount { get; init; }

    /// <summary>Changes that are owed to be put back.</summary>
    public int OwedChanges { get; init; }

    /// <summary>Exceptions that nothing expected.</summary>
    public ulong Faults { get; init; }

    /// <summary>The latest of them, for people.</summary>
    public string LastFault { get; init; } = "";

    /// <summary>What the node can do.</summary>
    public IReadOnlyList<NodeCapability> Capabilities { get; init; } = [];
}

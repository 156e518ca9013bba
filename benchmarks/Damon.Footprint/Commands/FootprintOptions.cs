using Damon.Footprint.Nodes;

namespace Damon.Footprint.Commands;

/// <summary>What a run is to do.</summary>
internal sealed record FootprintOptions
{
    /// <summary>The command of the agent that ships.</summary>
    public required IReadOnlyList<string> Shipped { get; init; }

    /// <summary>The command of the agent whose looks have a given cost.</summary>
    public required IReadOnlyList<string> Paced { get; init; }

    /// <summary>What to run.</summary>
    public IReadOnlyList<Stage> Stages { get; init; } = Stage.All;

    /// <summary>The node.</summary>
    public NodeShape Shape { get; init; } = new(Pods: 110, ProcessesPerPod: 2, HeapBytes: 64 << 20);

    /// <summary>Regions of each pod, where a stage does not say.</summary>
    public int RegionsPerPod { get; init; } = 100;

    /// <summary>Schemes in the plan.</summary>
    public int Schemes { get; init; } = 10;

    /// <summary>What a look at a page costs.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMicroseconds(3);

    /// <summary>How long an agent runs before it is measured: intervals have to come to their length, and buffers to their size.</summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>For how long its CPU time is measured.</summary>
    public TimeSpan Measuring { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Whether the API server is a real one, from the folder that KUBEBUILDER_ASSETS names.</summary>
    public bool UsesRealServer { get; init; }

    /// <summary>Of what.</summary>
    public string Commit { get; init; } = "not given";
}

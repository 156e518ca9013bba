namespace Damon.Testing.ControlPlane.Agents;

/// <summary>Nodes that are objects and nothing else.</summary>
public sealed record SimulatedNodesOptions
{
    /// <summary>How many.</summary>
    public required int Count { get; init; }

    /// <summary>Names are this and a number.</summary>
    public string Stem { get; init; } = "node-";

    /// <summary>Labels beside the usual ones. Given the node's number.</summary>
    public Func<int, IReadOnlyDictionary<string, string>> LabelsOf { get; init; } = static _ => new Dictionary<string, string>();

    /// <summary>Where the agents' pods are.</summary>
    public string Namespace { get; init; } = "damon-system";

    /// <summary>By which the operator knows the agents' pods.</summary>
    public IReadOnlyDictionary<string, string> PodLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Images in a node's status, which are most of its size in a cluster.</summary>
    public int Images { get; init; } = 20;

    /// <summary>Requests under way at the same time.</summary>
    public int Writers { get; init; } = 32;

    /// <summary>The name of a node.</summary>
    public string NameOf(int number) => $"{Stem}{number:D5}";
}

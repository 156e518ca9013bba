namespace Damon.Testing.ControlPlane.Agents;

/// <summary>When simulated agents write. The values are the node agent's own (docs/reference/damonnode.md), so that a simulated cluster loads a server as a real one does.</summary>
public sealed record SimulatedAgentsOptions
{
    /// <summary>How long a change may wait, by chance.</summary>
    public TimeSpan ChangeJitter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The shortest time between two writes of a node.</summary>
    public TimeSpan LeastGap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much longer it may be, by chance.</summary>
    public TimeSpan GapJitter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How old figures get, once they are let; they differ each time. Each node has a place of its own in that time.</summary>
    public TimeSpan FigureAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Writes under way at the same time, of all nodes: the connection of one process carries what in a cluster is one of each node.</summary>
    public int Writers { get; init; } = 32;
}

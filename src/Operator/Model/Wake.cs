namespace Damon.Operator.Model;

/// <summary>What is to be looked at after a change: keys for the two controllers.</summary>
/// <param name="Nodes">Names of nodes whose plans may differ now.</param>
/// <param name="Schemes">Names of schemes whose rollout or status may differ now.</param>
public sealed record Wake(IReadOnlyCollection<string> Nodes, IReadOnlyCollection<string> Schemes)
{
    /// <summary>Nothing.</summary>
    public static Wake Nothing { get; } = new([], []);
}

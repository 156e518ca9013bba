namespace Damon.NodeAgent.Agent;

/// <summary>How a node's looks at memory are divided.</summary>
/// <param name="Sample">The sample interval that they are for: what was asked for, or as much longer as the least of all pods needs.</param>
/// <param name="Regions">For each pod that is served, in the order of the demands, how many regions it gets; those behind are not served.</param>
internal sealed record ProbeDivision(TimeSpan Sample, IReadOnlyList<int> Regions)
{
    /// <summary>Regions of all pods.</summary>
    public int Total => Regions.Sum();
}

namespace Damon.NodeAgent.Standalone;

/// <summary>What a standalone run looks at; the children of every process are followed.</summary>
/// <param name="Pids">Processes.</param>
/// <param name="Cgroups">Directories of control groups; their processes now and later.</param>
public sealed record RunTargets(IReadOnlyList<int> Pids, IReadOnlyList<string> Cgroups);

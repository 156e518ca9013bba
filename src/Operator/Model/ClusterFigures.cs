
namespace Damon.Operator.Model;

/// <summary>Figures for metrics.</summary>
/// <param name="Nodes">Nodes that are known.</param>
/// <param name="Schemes">One for each scheme.</param>
public sealed record ClusterFigures(int Nodes, IReadOnlyList<SchemeFigures> Schemes);


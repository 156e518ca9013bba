namespace Damon.Footprint.Reports;

/// <summary>A whole run.</summary>
/// <param name="Commit">Of what.</param>
/// <param name="TakenAt">When.</param>
/// <param name="Machine">Where: names and texts.</param>
/// <param name="Server">Which API server.</param>
/// <param name="Node">What the simulated node had, for people.</param>
/// <param name="Rows">The figures.</param>
/// <param name="NotMeasured">What could not be measured, and why.</param>
internal sealed record FootprintReport(
    string Commit,
    DateTimeOffset TakenAt,
    IReadOnlyList<(string Name, string Text)> Machine,
    string Server,
    string Node,
    IReadOnlyList<FootprintRow> Rows,
    IReadOnlyList<string> NotMeasured);

namespace Damon.Patterns;

/// <summary>A memory workload whose truth is known: regions, and phases that say which of them is accessed how. The real workload tool and the simulation read the same file.</summary>
/// <param name="Name">Short name, for reports.</param>
/// <param name="Description">What the pattern is for.</param>
/// <param name="Regions">At least one.</param>
/// <param name="Phases">At least one; after the last one they start again, without those marked <see cref="PatternPhase.Once"/>.</param>
/// <param name="Simulation">Settings of the simulated memory.</param>
public sealed record WorkloadPattern(
    string Name,
    string Description,
    IReadOnlyList<PatternRegion> Regions,
    IReadOnlyList<PatternPhase> Phases,
    SimulationSettings Simulation);

namespace Damon.Patterns;

/// <summary>What the simulated memory needs to know and a real machine finds out by itself.</summary>
/// <param name="AccessesPerSecond">All accesses of the workload in a second, shared out by the weights; above 0.</param>
/// <param name="NoiseShare">Share of the cold pages that stray accesses touch within <paramref name="NoisePer"/>, from 0 up to, not including, 1.</param>
/// <param name="NoisePer">The span of time that <paramref name="NoiseShare"/> is given for.</param>
public sealed record SimulationSettings(double AccessesPerSecond, double NoiseShare, TimeSpan NoisePer)
{
    /// <summary>20 million accesses a second (about what one core does at random), and 1 % of the cold pages touched in 10 s, an
    /// aggregation interval of the user-space backends.</summary>
    public static SimulationSettings Default { get; } = new(20_000_000, 0.01, TimeSpan.FromSeconds(10));
}

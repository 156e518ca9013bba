namespace Damon.NodeAgent.Safety;

/// <summary>What the agent may cost on one node.</summary>
/// <param name="CpuShare">Share of one CPU, above 0 and at most 1.</param>
/// <param name="ProbesPerSecond">Looks at pages per second, above 0.</param>
/// <param name="MaxStretch">The longest interval as a multiple of the configured one, at least 1.</param>
internal sealed record CostCeilings(double CpuShare, double ProbesPerSecond, double MaxStretch);

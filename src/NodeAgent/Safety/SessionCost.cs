namespace Damon.NodeAgent.Safety;

/// <summary>What one session costs as its intervals are now.</summary>
/// <param name="Session">Which one.</param>
/// <param name="CpuShare">Share of one CPU.</param>
/// <param name="ProbesPerSecond">Looks at pages per second.</param>
internal readonly record struct SessionCost(string Session, double CpuShare, double ProbesPerSecond);

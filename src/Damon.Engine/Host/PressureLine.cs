namespace Damon.Engine.Host;

/// <summary>One line of a pressure file.</summary>
/// <param name="Average10Percent">Share of the last 10 s that was lost waiting, 0–100.</param>
/// <param name="Average60Percent">Of the last 60 s.</param>
/// <param name="Average300Percent">Of the last 300 s.</param>
/// <param name="TotalMicroseconds">Time lost since boot, or since the cgroup exists.</param>
public readonly record struct PressureLine(double Average10Percent, double Average60Percent, double Average300Percent, ulong TotalMicroseconds);

namespace Damon.Engine.Simulation;

/// <summary>How a region of a simulated memory is accessed from some moment on.</summary>
/// <param name="AccessesPerSecond">Accesses per second that go to the region, spread evenly over the pages that are touched.</param>
/// <param name="StrideBytes">Distance between accessed addresses; above the page size, pages in between stay untouched.</param>
/// <param name="WindowShare">The part of the region that is accessed, above 0 and up to 1.</param>
/// <param name="WindowSpeedPerSecond">How far that part moves in a second, as a share of the region; it wraps around.</param>
public readonly record struct SimulatedAccess(double AccessesPerSecond, ulong StrideBytes = 4096, double WindowShare = 1, double WindowSpeedPerSecond = 0);

namespace Damon.Patterns;

/// <summary>The part of a region that is accessed, where it is not the whole; it may move, and wraps around at the region's end.</summary>
/// <param name="Share">Accessed part of the region, above 0 and up to 1.</param>
/// <param name="SpeedPerSecond">How far its start moves in a second, as a share of the region; 0 stands still.</param>
public sealed record AccessWindow(double Share, double SpeedPerSecond);

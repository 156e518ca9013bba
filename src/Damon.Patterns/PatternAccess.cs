namespace Damon.Patterns;

/// <summary>How a phase accesses one region.</summary>
/// <param name="Region">The region's name.</param>
/// <param name="Weight">Relative probability that an access goes to this region; above 0.</param>
/// <param name="StrideBytes">Distance between neighbouring accessed addresses; a stride above the page size leaves pages untouched in between.</param>
/// <param name="Order">The order of the addresses.</param>
/// <param name="Mode">What an access does.</param>
/// <param name="Window">The accessed part, where it is not the whole region.</param>
public sealed record PatternAccess(string Region, double Weight, ulong StrideBytes, AccessOrder Order, AccessMode Mode, AccessWindow? Window);

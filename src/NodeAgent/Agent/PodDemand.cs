namespace Damon.NodeAgent.Agent;

/// <summary>A pod that wants to be looked at.</summary>
/// <param name="PodUid">The pod.</param>
/// <param name="Rank">The best place among the schemes that want it, from 1.</param>
/// <param name="Bytes">How much memory there is to look at.</param>
/// <param name="MinRegions">With fewer regions it is not worth looking.</param>
/// <param name="MaxRegions">More are not wanted.</param>
internal readonly record struct PodDemand(string PodUid, int Rank, ulong Bytes, int MinRegions, int MaxRegions);

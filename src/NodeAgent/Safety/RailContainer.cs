namespace Damon.NodeAgent.Safety;

/// <summary>A container as rails see it.</summary>
/// <param name="Id">Which container; one that starts anew has another id.</param>
/// <param name="Directory">Its directory in the v2 hierarchy, as on the host.</param>
/// <param name="MemoryRequestBytes">Its memory request; 0 for none.</param>
/// <param name="StartedAt">When it started; null where that is not known, which counts as just now.</param>
internal sealed record RailContainer(string Id, string Directory, ulong MemoryRequestBytes, DateTimeOffset? StartedAt);

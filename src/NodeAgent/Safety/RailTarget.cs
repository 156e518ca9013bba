using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>A pod as rails see it.</summary>
/// <param name="PodUid">Which pod.</param>
/// <param name="Directory">Its directory in the v2 hierarchy, as on the host; empty where memory is accounted in version 1, and then nearly every rail is unmeasurable.</param>
/// <param name="Identity">What the directory was when it was found: another one under its name is another pod's.</param>
/// <param name="MemoryRequestBytes">The sum of its memory requests; 0 for none.</param>
/// <param name="Containers">Its containers.</param>
internal sealed record RailTarget(string PodUid, string Directory, FileIdentity Identity, ulong MemoryRequestBytes, IReadOnlyList<RailContainer> Containers);

using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Agent;

/// <summary>A container whose memory a scheme of the node may act on now, as the rails answered for it.</summary>
/// <param name="PodUid">Its pod.</param>
/// <param name="RuntimeId">Which container.</param>
/// <param name="Group">Its control group.</param>
/// <param name="HeadroomBytes">The most that may leave its memory.</param>
/// <param name="Share">The share of the scheme's budget that may be used on it.</param>
/// <param name="KeepsAnonymous">Whether its anonymous memory is left alone.</param>
internal readonly record struct NodeTarget(string PodUid, string RuntimeId, CgroupIdentity Group, ulong HeadroomBytes = ulong.MaxValue, double Share = 1, bool KeepsAnonymous = false);

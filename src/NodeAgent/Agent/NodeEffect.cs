using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Agent;

/// <summary>What a scheme of the node really changed in one container, as measured.</summary>
/// <param name="Scheme">The scheme's name in the kernel's plan.</param>
/// <param name="Action">What it does.</param>
/// <param name="PodUid">The pod.</param>
/// <param name="RuntimeId">The container.</param>
/// <param name="SwappedBytes">Memory that went to swap.</param>
/// <param name="OtherBytes">The rest.</param>
internal readonly record struct NodeEffect(string Scheme, SchemeAction Action, string PodUid, string RuntimeId, ulong SwappedBytes, ulong OtherBytes)
{
    public ulong TotalBytes => SwappedBytes + OtherBytes;
}

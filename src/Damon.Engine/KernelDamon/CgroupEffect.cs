using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>What one grant of a scheme really changed in one control group, as measured; over all groups never more than the kernel says.</summary>
/// <param name="Scheme">The scheme's name.</param>
/// <param name="Action">What the scheme did then.</param>
/// <param name="Path">The group's path below the root of the hierarchy.</param>
/// <param name="SwappedBytes">Of it, memory that went to swap.</param>
/// <param name="OtherBytes">The rest.</param>
public readonly record struct CgroupEffect(string Scheme, SchemeAction Action, string Path, ulong SwappedBytes, ulong OtherBytes)
{
    /// <summary>All of it.</summary>
    public ulong TotalBytes => SwappedBytes + OtherBytes;
}

using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>What the schemes of one kdamond may be about at this moment.</summary>
/// <param name="Targets">What is looked at.</param>
/// <param name="Cgroups">The control groups whose memory may be acted on; what is in none of them never is. Not used for virtual addresses, where the targets say it.</param>
/// <param name="NodeRanges">Where each memory node's physical memory lies.</param>
public sealed record KernelScope(
    IReadOnlyList<KernelTarget> Targets, IReadOnlyList<EligibleCgroup> Cgroups, IReadOnlyDictionary<int, IReadOnlyList<AddressRange>> NodeRanges)
{
    /// <summary>Nothing.</summary>
    public static KernelScope Empty { get; } = new([], [], new Dictionary<int, IReadOnlyList<AddressRange>>());
}

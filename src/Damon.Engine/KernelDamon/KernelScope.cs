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

    /// <summary>Each scheme's own groups, by its name, where they are not the same for all; a scheme that is not in it has none. Null where all have <see cref="Cgroups"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<EligibleCgroup>>? CgroupsByScheme { get; init; }

    /// <summary>What all grants of one step together may take from memory.</summary>
    public ulong MostLeavingBytes { get; init; } = ulong.MaxValue;

    /// <summary>The groups of one scheme.</summary>
    /// <param name="scheme">Its name.</param>
    public IReadOnlyList<EligibleCgroup> CgroupsOf(string scheme) => CgroupsByScheme is null ? Cgroups : CgroupsByScheme.TryGetValue(scheme, out var own) ? own : [];
}

using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>One target of a context: a process, or for physical addresses the ranges to look at.</summary>
/// <param name="Pid">The process as this process's pid namespace knows it; 0 for physical addresses.</param>
public sealed record KernelTarget(int Pid)
{
    /// <summary>Where to look; empty lets the kernel find the ranges of a process, and on a commit keeps what has been learned.</summary>
    public IReadOnlyList<AddressRange> Ranges { get; init; } = [];

    /// <summary>Whether the running target in this place is to be removed with the next commit. Only where <see cref="KernelFeatures.HasObsoleteTarget"/>.</summary>
    public bool IsObsolete { get; init; }

    /// <inheritdoc/>
    public bool Equals(KernelTarget? other) => other is not null && Pid == other.Pid && IsObsolete == other.IsObsolete && Ranges.SequenceEqual(other.Ranges);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Pid, IsObsolete, Ranges.Count);
}

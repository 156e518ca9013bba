namespace Damon.Engine.Schemes;

/// <summary>Lets memory through to a scheme or holds it back. Of a scheme's filters the first one that is about a piece of memory decides; what none is about follows the defaults.</summary>
/// <param name="Type">What is looked at.</param>
/// <param name="Matching">Whether the filter is about memory that is so (true) or that is not (false).</param>
/// <param name="Allow">Whether that memory is let through (true) or held back (false).</param>
/// <remarks>
/// Defaults: memory that no filter is about is held back where the last filter of the layer lets memory through, because such a list names what is wanted; and let through
/// otherwise. For regions this counts only where there are no page filters that can still decide.
/// </remarks>
public sealed record SchemeFilter(SchemeFilterType Type, bool Matching, bool Allow)
{
    private const int MaxPathLength = 4096;

    /// <summary>For <see cref="SchemeFilterType.HugePageSize"/>: the smallest folio, in bytes.</summary>
    public ulong MinSizeBytes { get; init; }

    /// <summary>For <see cref="SchemeFilterType.HugePageSize"/>: the largest folio, in bytes; it belongs to the range.</summary>
    public ulong MaxSizeBytes { get; init; } = ulong.MaxValue;

    /// <summary>For <see cref="SchemeFilterType.Address"/>: the first address. Rounded down to the smallest region, as the end is.</summary>
    public ulong StartAddress { get; init; }

    /// <summary>For <see cref="SchemeFilterType.Address"/>: the first address behind the range.</summary>
    public ulong EndAddress { get; init; }

    /// <summary>For <see cref="SchemeFilterType.Target"/>: the number that the session knows the target by.</summary>
    public int TargetId { get; init; }

    /// <summary>For <see cref="SchemeFilterType.Cgroup"/>: the control group's path below the root of the hierarchy that accounts memory. Those below it belong to it.</summary>
    public string CgroupPath { get; init; } = "";

    /// <summary>Whether it is about whole regions; else it is about single pages.</summary>
    public bool IsOfRegions => Type is SchemeFilterType.Address or SchemeFilterType.Target;

    internal void Check(string field, List<PlanError> errors)
    {
        switch (Type)
        {
            case SchemeFilterType.HugePageSize when MinSizeBytes > MaxSizeBytes:
                errors.Add(new PlanError($"{field}.minSizeBytes", $"{MinSizeBytes} is above the largest size {MaxSizeBytes}; write min ≤ max"));
                break;
            case SchemeFilterType.Address when StartAddress >= EndAddress:
                errors.Add(new PlanError($"{field}.endAddress", $"{EndAddress} is not behind the start {StartAddress}; write start < end"));
                break;
            case SchemeFilterType.Target when TargetId < 0:
                errors.Add(new PlanError($"{field}.targetId", $"{TargetId} is no target; targets have numbers from 0"));
                break;
            case SchemeFilterType.Cgroup when !IsPath(CgroupPath):
                errors.Add(new PlanError($"{field}.cgroupPath", $"is not the path of a control group; write at most {MaxPathLength} characters below the hierarchy's root, without '..'"));
                break;
            case < SchemeFilterType.Anonymous or > SchemeFilterType.Target:
                errors.Add(new PlanError($"{field}.type", $"{(int)Type} is no type of filter"));
                break;
            default:
                break;
        }
    }

    private static bool IsPath(string? path) =>
        path is { Length: > 0 and <= MaxPathLength } && !path.Contains('\0', StringComparison.Ordinal) && !path.Split('/').Contains("..", StringComparer.Ordinal);
}

using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>What became of one scheme that the kernel carries out, summed over all grants.</summary>
/// <param name="description">The scheme.</param>
public sealed class KernelSchemeStatus(SchemeDescription description)
{
    /// <summary>The scheme, in the version that is carried out.</summary>
    public SchemeDescription Description { get; internal set; } = description;

    /// <summary>Why it is not carried out, or only counted.</summary>
    public KernelSchemeReason Reason { get; internal set; }

    /// <summary>The same for people.</summary>
    public string Message { get; internal set; } = "";

    /// <summary>Why it rests now: a safety rail, its watermarks, its goals; empty where it does not.</summary>
    public string HeldBy { get; internal set; } = "";

    /// <summary>Which goal's value is not known and what stands in for it; empty where all are known.</summary>
    public string GoalError { get; internal set; } = "";

    /// <summary>Passes granted.</summary>
    public ulong Grants { get; internal set; }

    /// <summary>Bytes granted to the latest pass.</summary>
    public ulong GrantedBytes { get; internal set; }

    /// <summary>Bytes that matched in the latest pass; what the filters on pages let through of them where the kernel tells.</summary>
    public ulong MatchedNowBytes { get; internal set; }

    /// <summary>Bytes of regions tried, summed over all passes: what was charged.</summary>
    public ulong TriedBytes { get; internal set; }

    /// <summary>Bytes that the kernel says were acted on, summed over all passes. The same bytes count again and again, so this is no effect.</summary>
    public ulong SaidBytes { get; internal set; }

    /// <summary>Bytes that really changed, as measured; never more than the kernel says.</summary>
    public ulong EffectBytes { get; internal set; }

    /// <summary>Whether <see cref="EffectBytes"/> can be measured for this action.</summary>
    public bool IsMeasured { get; internal set; }

    /// <summary>Grants of which the kernel says that something was acted on and nothing has changed.</summary>
    public ulong NoEffectGrants { get; internal set; }

    /// <summary>Windows in which the budget was used up.</summary>
    public ulong QuotaExceededWindows { get; internal set; }
}

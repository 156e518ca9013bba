namespace Damon.Engine.Schemes;

/// <summary>What a scheme has seen and done since its session began. In Observe the same numbers say what would have been done.</summary>
public sealed record SchemeStatistics
{
    /// <summary>Regions that matched, summed over all passes.</summary>
    public ulong MatchedRegions { get; internal set; }

    /// <summary>Bytes of the regions that matched, summed over all passes. What filters on addresses and targets hold back counts nowhere: it is not tried.</summary>
    public ulong MatchedBytes { get; internal set; }

    /// <summary>Bytes that matched in the latest pass.</summary>
    public ulong MatchedNowBytes { get; internal set; }

    /// <summary>Bytes within reach of the action that fitted the budget: what was acted on, or in Observe would have been, each byte once until it is accessed again. For Stat with a limit the bytes counted within it, in every pass.</summary>
    public ulong AdvisedBytes { get; internal set; }

    /// <summary>
    /// Bytes of pages that were looked at and that the page filters let through, summed over all passes, whether or not the action could reach them. A scheme that only counts looks at pages
    /// only where it has page filters.
    /// </summary>
    public ulong FilterPassedBytes { get; internal set; }

    /// <summary>Bytes that really changed, as measured; for page-out those that left the resident set. In Observe the prediction of it.</summary>
    public ulong AppliedBytes { get; internal set; }

    /// <summary>Bytes that were acted on, or would have been, and have not been accessed since, as estimated from the samples.</summary>
    public ulong AwayBytes { get; internal set; }

    /// <summary>Bytes that were acted on, or would have been, and then were accessed, as estimated from the samples.</summary>
    public ulong RefaultBytes { get; internal set; }

    /// <summary>Calls whose advice was accepted and changed nothing.</summary>
    public ulong NoEffectCalls { get; internal set; }

    /// <summary>Calls that failed, in whole or in part.</summary>
    public ulong FailedCalls { get; internal set; }

    /// <summary>Why the latest failed call failed, for people.</summary>
    public string LastFailure { get; internal set; } = "";

    /// <summary>Windows whose budget was used up.</summary>
    public ulong QuotaExceededWindows { get; internal set; }

    /// <summary>Windows, summed over groups of targets, in which a group's own budget was used up.</summary>
    public ulong GroupQuotaExceededWindows { get; internal set; }

    /// <summary>How far the goals were met when the current window began, in ten-thousandths: the highest of their scores; 10,000 where there are none.</summary>
    public ulong GoalScore { get; internal set; } = FeedLoop.Goal;

    /// <summary>Which goal's value is not known and what stands in for it, for people; empty where all are known.</summary>
    public string GoalError { get; internal set; } = "";

    /// <summary>Bytes left out in the latest pass because they are anonymous and there is no swap.</summary>
    public ulong NoSwapBytes { get; internal set; }

    /// <summary>Bytes left out in the latest pass because other processes map them too.</summary>
    public ulong SharedBytes { get; internal set; }

    /// <summary>Bytes left out in the latest pass because they are locked in memory.</summary>
    public ulong LockedBytes { get; internal set; }

    /// <summary>Bytes of pages left out in the latest pass because the page filters hold them back.</summary>
    public ulong FilteredBytes { get; internal set; }

    /// <summary>Bytes in the latest pass of mappings that are only partly accessed and therefore never count as cold.</summary>
    public ulong MixedMappingBytes { get; internal set; }

    /// <summary>Why a safety rail held the latest pass back; empty where none did.</summary>
    public string HeldBy { get; internal set; } = "";
}

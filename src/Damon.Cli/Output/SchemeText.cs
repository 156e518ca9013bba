using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Cli;

/// <summary>A scheme's counts for people, the same in every command.</summary>
internal static class SchemeText
{
    public static void Write(TextWriter to, SchemeRun scheme)
    {
        var statistics = scheme.Statistics;
        var observes = scheme.Description.Mode == SchemeMode.Observe;
        to.WriteLine($"  scheme {scheme.Description.Name} ({scheme.Description.Action}, {scheme.Description.Mode})");
        if (scheme.State == SchemeState.Resting)
        {
            to.WriteLine($"    rests: {scheme.RestReason}");
        }

        if (scheme.State == SchemeState.Unrepresentable)
        {
            to.WriteLine($"    {scheme.State}: its access rates cannot be told apart with {scheme.Thresholds.MaxAccesses} samples; use a longer aggregation interval or wider bounds");
            return;
        }

        var wouldBe = observes ? "would be " : "";
        to.WriteLine($"    matched now {Format.Bytes(statistics.MatchedNowBytes)}, in all passes {Format.Bytes(statistics.MatchedBytes)}");
        if (scheme.Description.Action != SchemeAction.Stat)
        {
            to.WriteLine($"    {wouldBe}advised {Format.Bytes(statistics.AdvisedBytes)}, {(observes ? "predicted" : "measured")} effect {Format.Bytes(statistics.AppliedBytes)}, accessed since {Format.Bytes(statistics.RefaultBytes)}");
        }

        if (scheme.Description.Quota.Goals.Count > 0)
        {
            var size = scheme.EffectiveQuotaBytes == ulong.MaxValue ? "no limit" : Format.Bytes(scheme.EffectiveQuotaBytes);
            to.WriteLine($"    goals are met to {Format.Share(statistics.GoalScore / (double)FeedLoop.Goal)}, the quota is now {size}");
            if (statistics.GoalError.Length > 0)
            {
                to.WriteLine($"    not measured: {statistics.GoalError}");
            }
        }

        WriteReason(to, "NoSwap", statistics.NoSwapBytes, "anonymous memory, and there is no swap");
        WriteReason(to, "Shared", statistics.SharedBytes, "mapped by other processes too");
        WriteReason(to, "Locked", statistics.LockedBytes, "locked in memory");
        WriteReason(to, "MixedMapping", statistics.MixedMappingBytes, "mappings of which only a part is accessed; this backend cannot tell which part, so none of it counts as cold");
        WriteReason(to, "Filtered", statistics.FilteredBytes, "held back by the page filters");
        if (scheme.Description.Filters.Count > 0)
        {
            to.WriteLine($"    let through by the page filters {Format.Bytes(statistics.FilterPassedBytes)}");
        }

        if (statistics.HeldBy.Length > 0)
        {
            to.WriteLine($"    held back by {statistics.HeldBy}");
        }

        if (statistics.NoEffectCalls > 0)
        {
            to.WriteLine($"    NoEffect: {statistics.NoEffectCalls} calls were accepted and changed nothing");
        }

        if (statistics.FailedCalls > 0)
        {
            to.WriteLine($"    {statistics.FailedCalls} calls failed, the last one: {statistics.LastFailure}");
        }
    }

    private static void WriteReason(TextWriter to, string reason, ulong bytes, string meaning)
    {
        if (bytes > 0)
        {
            to.WriteLine($"    left out {Format.Bytes(bytes)}: {reason} ({meaning})");
        }
    }
}

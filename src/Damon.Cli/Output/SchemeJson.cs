using System.Text.Json;
using Damon.Engine.Monitoring;

namespace Damon.Cli;

/// <summary>A scheme's counts as JSON, the same in every command.</summary>
internal static class SchemeJson
{
    public static void Write(Utf8JsonWriter json, SchemeRun scheme)
    {
        var statistics = scheme.Statistics;
        json.WriteStartObject();
        json.WriteString("name", scheme.Description.Name);
        json.WriteString("action", scheme.Description.Action.ToString());
        json.WriteString("mode", scheme.Description.Mode.ToString());
        json.WriteString("state", scheme.State.ToString());
        json.WriteString("restReason", scheme.RestReason);
        json.WriteNumber("matchedBytes", statistics.MatchedBytes);
        json.WriteNumber("matchedNowBytes", statistics.MatchedNowBytes);
        json.WriteNumber("filterPassedBytes", statistics.FilterPassedBytes);
        json.WriteNumber("advisedBytes", statistics.AdvisedBytes);
        json.WriteNumber("appliedBytes", statistics.AppliedBytes);
        json.WriteNumber("awayBytes", statistics.AwayBytes);
        json.WriteNumber("refaultBytes", statistics.RefaultBytes);
        json.WriteNumber("noEffectCalls", statistics.NoEffectCalls);
        json.WriteNumber("failedCalls", statistics.FailedCalls);
        json.WriteNumber("quotaExceededWindows", statistics.QuotaExceededWindows);
        json.WriteNumber("groupQuotaExceededWindows", statistics.GroupQuotaExceededWindows);
        if (scheme.EffectiveQuotaBytes == ulong.MaxValue)
        {
            json.WriteNull("effectiveQuotaBytes");
        }
        else
        {
            json.WriteNumber("effectiveQuotaBytes", scheme.EffectiveQuotaBytes);
        }

        json.WriteNumber("goalScore", statistics.GoalScore);
        json.WriteString("goalError", statistics.GoalError);
        json.WriteStartObject("leftOut");
        json.WriteNumber("NoSwap", statistics.NoSwapBytes);
        json.WriteNumber("Shared", statistics.SharedBytes);
        json.WriteNumber("Locked", statistics.LockedBytes);
        json.WriteNumber("MixedMapping", statistics.MixedMappingBytes);
        json.WriteNumber("Filtered", statistics.FilteredBytes);
        json.WriteEndObject();
        json.WriteString("heldBy", statistics.HeldBy);
        json.WriteString("lastFailure", statistics.LastFailure);
        json.WriteEndObject();
    }
}

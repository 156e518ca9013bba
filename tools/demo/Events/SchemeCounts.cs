using System.Text.Json;

namespace Damon.Demo.Events;

/// <summary>What a scheme has counted since it began. Bytes.</summary>
/// <param name="MatchedNowBytes">Matches the pattern at this moment.</param>
/// <param name="AppliedBytes">Acted on; in Observe what would have been.</param>
/// <param name="AwayBytes">Gone from memory, as the engine measured it; in Observe what would be gone and was not needed again.</param>
/// <param name="LeftOut">Bytes that matched or would have and were left alone, by reason.</param>
/// <param name="HeldBy">The rail that holds the scheme back; empty where none does.</param>
/// <param name="LastFailure">The last thing that went wrong, for people; empty where nothing did.</param>
internal sealed record SchemeCounts(
    ulong MatchedNowBytes, ulong AppliedBytes, ulong AwayBytes, IReadOnlyDictionary<string, ulong> LeftOut, string HeldBy, string LastFailure)
{
    /// <summary>Reads the field <c>schemes</c>, which must hold exactly one.</summary>
    public static SchemeCounts? OfOnlyScheme(JsonElement json)
    {
        if (!json.TryItems("schemes", out var schemes) || !schemes.MoveNext())
            return null;

        var scheme = schemes.Current;
        if (schemes.MoveNext() || !scheme.TryCount("matchedNowBytes", out var matched) || !scheme.TryCount("appliedBytes", out var applied) || !scheme.TryCount("awayBytes", out var away))
            return null;

        var leftOut = new Dictionary<string, ulong>(StringComparer.Ordinal);
        if (scheme.TryObject("leftOut", out var reasons))
        {
            foreach (var reason in reasons.EnumerateObject())
            {
                if (reason.Value.ValueKind != JsonValueKind.Number || !reason.Value.TryGetUInt64(out var bytes))
                    return null;
                leftOut[reason.Name] = bytes;
            }
        }

        return new SchemeCounts(
            matched, applied, away, leftOut, scheme.TryText("heldBy", out var heldBy) ? heldBy : "", scheme.TryText("lastFailure", out var failure) ? failure : "");
    }

    /// <summary>Bytes left alone for this reason.</summary>
    public ulong LeftOutFor(string reason) => LeftOut.GetValueOrDefault(reason);
}

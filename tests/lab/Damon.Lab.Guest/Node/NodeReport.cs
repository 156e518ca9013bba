using System.Text.Json;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>One line that a run of a node prints: its first scheme, which is all that the tests here give it.</summary>
/// <param name="Ended">Why the run ended; nothing while it goes on.</param>
/// <param name="Cgroups">Control groups that may be acted on.</param>
/// <param name="Reason">Why the kernel does not carry the scheme out; <c>None</c> where it does.</param>
/// <param name="HeldBy">What holds it now.</param>
/// <param name="Grants">Passes granted.</param>
/// <param name="MatchedNowBytes">Bytes that matched in the latest pass.</param>
/// <param name="TriedBytes">Bytes charged.</param>
/// <param name="KernelSaysBytes">Bytes acted on as the kernel counts.</param>
/// <param name="EffectBytes">Bytes that changed.</param>
/// <param name="QuotaExceededWindows">Windows that were used up.</param>
/// <param name="Restarts">How often the kdamond had ended.</param>
internal sealed record NodeReport(
    string? Ended,
    int Cgroups,
    string Reason,
    string HeldBy,
    ulong Grants,
    ulong MatchedNowBytes,
    ulong TriedBytes,
    ulong KernelSaysBytes,
    ulong EffectBytes,
    ulong QuotaExceededWindows,
    ulong Restarts)
{
    public static NodeReport Nothing { get; } = new(null, 0, "", "", 0, 0, 0, 0, 0, 0, 0);

    public static NodeReport Parse(string line)
    {
        using var told = JsonDocument.Parse(line);
        var run = told.RootElement;
        if (run.GetProperty("schemes").GetArrayLength() == 0)
            throw new ExpectationException($"a report without a scheme: {line}");
        var scheme = run.GetProperty("schemes")[0];
        return new NodeReport(
            run.TryGetProperty("ended", out var ended) ? ended.GetString() : null,
            run.GetProperty("cgroups").GetInt32(),
            scheme.GetProperty("reason").GetString()!,
            scheme.GetProperty("heldBy").GetString()!,
            scheme.GetProperty("grants").GetUInt64(),
            scheme.GetProperty("matchedNowBytes").GetUInt64(),
            scheme.GetProperty("triedBytes").GetUInt64(),
            scheme.GetProperty("kernelSaysBytes").GetUInt64(),
            scheme.GetProperty("effectBytes").GetUInt64(),
            scheme.GetProperty("quotaExceededWindows").GetUInt64(),
            run.GetProperty("restarts").GetUInt64());
    }
}

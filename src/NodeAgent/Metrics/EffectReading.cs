using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Metrics;

/// <summary>The counters of an engine's scheme at a moment; they begin at 0 with each session and say the same of what was done and of what would have been.</summary>
/// <param name="AppliedBytes">Bytes that changed.</param>
/// <param name="RefaultBytes">Of those, bytes that were accessed again.</param>
/// <param name="AwayBytes">Of those, bytes that were not, now.</param>
/// <param name="NoEffectCalls">Calls without effect.</param>
/// <param name="FailedCalls">Calls that failed.</param>
/// <param name="ExhaustedWindows">Windows whose budget was used up.</param>
internal readonly record struct EffectReading(ulong AppliedBytes, ulong RefaultBytes, ulong AwayBytes, ulong NoEffectCalls, ulong FailedCalls, ulong ExhaustedWindows)
{
    /// <summary>Reads them.</summary>
    public static EffectReading Of(SchemeStatistics statistics) => new(
        statistics.AppliedBytes,
        statistics.RefaultBytes,
        statistics.AwayBytes,
        statistics.NoEffectCalls,
        statistics.FailedCalls,
        statistics.QuotaExceededWindows + statistics.GroupQuotaExceededWindows);
}

namespace Damon.NodeAgent.Metrics;

/// <summary>
/// Makes counters that never fall out of an engine's, which begin anew with each session, and books each growth on the side on which it happened: done, or would have been done. Take a reading
/// before a scheme's mode changes and before its session ends.
/// </summary>
internal sealed class SchemeEffectMeter
{
    private EffectReading _last;

    /// <summary>The sums since this was made.</summary>
    public SchemeEffects Effects { get; private set; }

    /// <summary>Takes the counters as they are now.</summary>
    /// <param name="isEnforced">Whether the scheme acted since the last reading.</param>
    /// <param name="now">The counters.</param>
    public SchemeEffects Take(bool isEnforced, in EffectReading now)
    {
        // A session that ended took its counters along. None of them falls while it lasts, so one that fell tells, and then all began anew.
        var last = IsBehind(now, _last) ? default : _last;
        _last = now;
        var applied = now.AppliedBytes - last.AppliedBytes;
        var refaults = now.RefaultBytes - last.RefaultBytes;
        return Effects = Effects with
        {
            AppliedBytes = Effects.AppliedBytes + (isEnforced ? applied : 0),
            WouldApplyBytes = Effects.WouldApplyBytes + (isEnforced ? 0 : applied),
            RefaultBytes = Effects.RefaultBytes + (isEnforced ? refaults : 0),
            WouldRefaultBytes = Effects.WouldRefaultBytes + (isEnforced ? 0 : refaults),
            AwayBytes = isEnforced ? now.AwayBytes : 0,
            WouldBeAwayBytes = isEnforced ? 0 : now.AwayBytes,
            NoEffectCalls = Effects.NoEffectCalls + now.NoEffectCalls - last.NoEffectCalls,
            FailedCalls = Effects.FailedCalls + now.FailedCalls - last.FailedCalls,
            ExhaustedWindows = Effects.ExhaustedWindows + now.ExhaustedWindows - last.ExhaustedWindows,
        };
    }

    /// <summary>The session has ended: the next reading is one of another, whatever it says.</summary>
    public void EndSession()
    {
        _last = default;
        Effects = Effects with { AwayBytes = 0, WouldBeAwayBytes = 0 };
    }

    private static bool IsBehind(in EffectReading now, in EffectReading last) =>
        now.AppliedBytes < last.AppliedBytes
        || now.RefaultBytes < last.RefaultBytes
        || now.NoEffectCalls < last.NoEffectCalls
        || now.FailedCalls < last.FailedCalls
        || now.ExhaustedWindows < last.ExhaustedWindows;
}

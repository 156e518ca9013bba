namespace Damon.Engine.Schemes;

/// <summary>One scheme's budget: what may be done in the current window, what has been charged, and where the next window goes on.</summary>
/// <param name="quota">The limits.</param>
/// <param name="minRegionBytes">The smallest region; a rest below it counts as used up.</param>
internal sealed class QuotaWindow(SchemeQuota quota, ulong minRegionBytes)
{
    /// <summary>Before any action was timed, 4 MiB per millisecond is assumed, as DAMON does.</summary>
    private const ulong AssumedBytesPerMillisecond = 4UL << 20;

    private SchemeQuota _quota = quota;
    private TimeSpan _start;
    private bool _started;
    private ulong _timedBytes;
    private TimeSpan _timed;

    /// <summary>Bytes that may be charged in this window; unlimited is <see cref="ulong.MaxValue"/>.</summary>
    public ulong EffectiveBytes { get; private set; } = ulong.MaxValue;

    /// <summary>Bytes charged in this window.</summary>
    public ulong ChargedBytes { get; private set; }

    /// <summary>In how many windows the budget was used up.</summary>
    public ulong ExceededWindows { get; private set; }

    /// <summary>Bytes that are left.</summary>
    public ulong LeftBytes => EffectiveBytes > ChargedBytes ? EffectiveBytes - ChargedBytes : 0;

    /// <summary>Whether nothing more may be done in this window.</summary>
    public bool IsFull => EffectiveBytes != ulong.MaxValue && LeftBytes < Math.Min(minRegionBytes, EffectiveBytes);

    /// <summary>
    /// Takes changed limits. What was charged, measured and exceeded stays; a changed size or time counts from now on, in this window too, so that a lowered
    /// budget holds at once. Equal limits change nothing.
    /// </summary>
    /// <param name="changed">The limits from now on.</param>
    public void Update(SchemeQuota changed)
    {
        var limits = (_quota.SizeBytes, _quota.Time);
        _quota = changed;
        if (_started && limits != (changed.SizeBytes, changed.Time))
        {
            Limit();
        }
    }

    /// <summary>Opens a new window where the old one is over.</summary>
    /// <param name="now">Time since the session began.</param>
    public void Advance(TimeSpan now)
    {
        if (_started && now - _start < _quota.Interval)
        {
            return;
        }

        if (_started && IsFull)
        {
            ExceededWindows++;
        }

        _started = true;
        _start = now;
        ChargedBytes = 0;
        Limit();
    }

    private void Limit()
    {
        EffectiveBytes = _quota.SizeBytes == 0 ? ulong.MaxValue : _quota.SizeBytes;
        if (_quota.Time > TimeSpan.Zero)
        {
            EffectiveBytes = Math.Max(minRegionBytes, Math.Min(EffectiveBytes, BytesIn(_quota.Time)));
        }
    }

    /// <summary>Books what was done, or would have been.</summary>
    /// <param name="bytes">Bytes the action could reach.</param>
    public void Charge(ulong bytes) => ChargedBytes += bytes;

    /// <summary>Books how long it took, the basis of the limit by time.</summary>
    /// <param name="bytes">Bytes acted on.</param>
    /// <param name="elapsed">Time that the calls took.</param>
    public void BookTime(ulong bytes, TimeSpan elapsed)
    {
        _timedBytes += bytes;
        _timed += elapsed;
    }

    private ulong BytesIn(TimeSpan time)
    {
        var ticks = (UInt128)time.Ticks;
        var bytes = _timed > TimeSpan.Zero
            ? _timedBytes * ticks / (ulong)_timed.Ticks
            : AssumedBytesPerMillisecond * ticks / TimeSpan.TicksPerMillisecond;
        return bytes > ulong.MaxValue ? ulong.MaxValue : (ulong)bytes;
    }
}

namespace Damon.Engine.Schemes;

/// <summary>One scheme's budget: what may be done in the current window, what has been charged, and where the next window goes on.</summary>
/// <param name="quota">The limits.</param>
/// <param name="minRegionBytes">The smallest region; a rest below it counts as used up.</param>
/// <remarks>
/// The order of one window: read the goals into <see cref="Goals"/>, <see cref="Advance"/>, then act, and <see cref="Charge"/> and <see cref="BookTime"/> what was done. Pure arithmetic, not
/// thread-safe. Source: DAMON's design document on quotas, Linux 7.3.
/// </remarks>
public sealed class QuotaWindow(SchemeQuota quota, ulong minRegionBytes)
{
    /// <summary>Before any action was timed, 4 MiB per millisecond is assumed, as DAMON does.</summary>
    private const ulong AssumedBytesPerMillisecond = 4UL << 20;

    private readonly List<QuotaGoalState> _goals = [.. quota.Goals.Select(goal => new QuotaGoalState(goal))];
    private readonly Dictionary<BudgetGroup, GroupBudget> _groups = [];
    private TimeSpan _start;
    private bool _started;
    private ulong _timedBytes;
    private TimeSpan _timed;

    /// <summary>What the Consistent tuner has come to, in ten-thousandths of a byte: whole bytes would swallow its steps near the bottom.</summary>
    private ulong _tuned = StartOf(quota);

    /// <summary>The limits in force.</summary>
    public SchemeQuota Quota { get; private set; } = quota;

    /// <summary>The smallest region, in bytes.</summary>
    public ulong MinRegionBytes => minRegionBytes;

    /// <summary>The goals, in their order; their current values are to be read before <see cref="Advance"/>.</summary>
    public IReadOnlyList<QuotaGoalState> Goals => _goals;

    /// <summary>The highest score of the goals when this window began; what is just met where there are none.</summary>
    public ulong Score { get; private set; } = FeedLoop.Goal;

    /// <summary>Bytes that may be charged in this window; unlimited is <see cref="ulong.MaxValue"/>.</summary>
    public ulong EffectiveBytes { get; private set; } = ulong.MaxValue;

    /// <summary>Bytes charged in this window.</summary>
    public ulong ChargedBytes { get; private set; }

    /// <summary>Windows begun.</summary>
    public ulong Windows { get; private set; }

    /// <summary>In how many windows the budget was used up. One that had nothing to give from the start was not.</summary>
    public ulong ExceededWindows { get; private set; }

    /// <summary>In how many windows, summed over groups, a group's budget was used up.</summary>
    public ulong ExceededGroupWindows { get; private set; }

    /// <summary>Bytes that are left.</summary>
    public ulong LeftBytes => EffectiveBytes > ChargedBytes ? EffectiveBytes - ChargedBytes : 0;

    /// <summary>Whether nothing more may be done in this window: not even the smallest region fits.</summary>
    public bool IsFull => EffectiveBytes != ulong.MaxValue && LeftBytes < minRegionBytes;

    /// <summary>Whether the next <see cref="Advance"/> begins a window.</summary>
    /// <param name="now">Time since the session began.</param>
    public bool IsOver(TimeSpan now) => !_started || now - _start >= Quota.Interval;

    /// <summary>Opens a new window where the old one is over.</summary>
    /// <param name="now">Time since the session began.</param>
    public void Advance(TimeSpan now)
    {
        if (!IsOver(now))
        {
            return;
        }

        if (_started && IsFull && ChargedBytes > 0)
        {
            ExceededWindows++;
        }

        foreach (var (key, group) in _groups)
        {
            ExceededGroupWindows += group.IsFull && group.ChargedBytes > 0 ? 1UL : 0;
            if (!group.Roll())
            {
                _groups.Remove(key);
            }
        }

        _started = true;
        _start = now;
        Windows++;
        ChargedBytes = 0;
        Tune();
        EffectiveBytes = Effective();
    }

    /// <summary>
    /// Takes an online change over at once. The tuner's state, what was charged and where the next window goes on stay, because none of them belongs to the limit that
    /// changed; goals are matched by their place, as DAMON does. A lower limit therefore holds in this very window.
    /// </summary>
    /// <param name="quota">The new limits.</param>
    public void Update(SchemeQuota quota)
    {
        if (quota == Quota)
        {
            return;
        }

        if (_goals.Count == 0)
        {
            _tuned = StartOf(quota);
        }

        Quota = quota;
        if (_goals.Count > quota.Goals.Count)
        {
            _goals.RemoveRange(quota.Goals.Count, _goals.Count - quota.Goals.Count);
        }

        for (var i = 0; i < quota.Goals.Count; i++)
        {
            if (i < _goals.Count)
            {
                _goals[i].Update(quota.Goals[i]);
            }
            else
            {
                _goals.Add(new QuotaGoalState(quota.Goals[i]));
            }
        }

        if (quota.PerGroupBytes == 0)
        {
            _groups.Clear();
        }

        _tuned = Math.Min(_tuned, MaxTuned);
        if (_started)
        {
            EffectiveBytes = Effective();
        }
    }

    /// <summary>Books what was done, or would have been.</summary>
    /// <param name="bytes">Bytes the action could reach.</param>
    public void Charge(ulong bytes) => ChargedBytes = Add(ChargedBytes, bytes);

    /// <summary>Takes back what turned out not to have been done and is not charged.</summary>
    /// <param name="bytes">At most what was charged for it.</param>
    public void Return(ulong bytes) => ChargedBytes -= Math.Min(bytes, ChargedBytes);

    /// <summary>Books how long it took, the basis of the limit by time.</summary>
    /// <param name="bytes">Bytes acted on.</param>
    /// <param name="elapsed">Time that the calls took.</param>
    public void BookTime(ulong bytes, TimeSpan elapsed)
    {
        _timedBytes = Add(_timedBytes, bytes);
        _timed += elapsed;
    }

    /// <summary>A group's budget; null where it has no limit of its own.</summary>
    /// <param name="key">The group.</param>
    /// <param name="share">How much of its limit it may use, or where groups have none of the whole budget; 1 for all of it.</param>
    internal GroupBudget? GroupOf(BudgetGroup key, double share = 1)
    {
        if (Quota.PerGroupBytes == 0 && share >= 1)
        {
            if (_groups.Count > 0)
            {
                _groups.Remove(key);
            }

            return null;
        }

        if (!_groups.TryGetValue(key, out var group))
        {
            group = new GroupBudget(this);
            _groups.Add(key, group);
        }

        group.Share = share;
        return group;
    }

    /// <summary>Every group that is remembered.</summary>
    internal Dictionary<BudgetGroup, GroupBudget>.ValueCollection Groups => _groups.Values;

    /// <summary>a + b, where <see cref="ulong.MaxValue"/> stands for all that is more.</summary>
    internal static ulong Add(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;

    private static ulong StartOf(SchemeQuota quota) =>
        Shares(quota.SizeBytes == 0 ? quota.GoalStartBytes : Math.Min(quota.SizeBytes, quota.GoalStartBytes));

    private static ulong Shares(ulong bytes) => bytes > ulong.MaxValue / FeedLoop.Goal ? ulong.MaxValue : bytes * FeedLoop.Goal;

    /// <summary>Above the limit by size a tuned size has no effect; DAMON's runs away there, and then needs as many windows to come back.</summary>
    private ulong MaxTuned => Quota.SizeBytes == 0 ? ulong.MaxValue : Math.Max(FeedLoop.Floor, Shares(Quota.SizeBytes));

    private void Tune()
    {
        if (_goals.Count == 0)
        {
            Score = FeedLoop.Goal;
            return;
        }

        Score = 0;
        foreach (var goal in _goals)
        {
            Score = Math.Max(Score, goal.Score);
        }

        if (Quota.Tuner != QuotaTuner.Consistent)
        {
            return;
        }

        // Below one region nothing is done at all, so nothing can be learned there either.
        var floor = Quota.GoalStartBytes > 0 && Score < FeedLoop.Goal ? Shares(minRegionBytes) : 0;
        var last = Math.Max(_tuned, Math.Max(FeedLoop.Floor, floor));
        _tuned = Math.Min(FeedLoop.Next(last, Score), MaxTuned);
    }

    private ulong Effective()
    {
        var bytes = Quota.SizeBytes == 0 ? ulong.MaxValue : Quota.SizeBytes;
        if (_goals.Count > 0)
        {
            var tuned = Quota.Tuner == QuotaTuner.Consistent ? _tuned / FeedLoop.Goal : Score >= FeedLoop.Goal ? 0 : ulong.MaxValue;
            bytes = Math.Min(bytes, tuned);
        }

        // One region is always quick enough: DAMON's floor. Here it is that of the limit by time alone, so that a goal that is met can still close the window.
        return Quota.Time > TimeSpan.Zero ? Math.Min(bytes, Math.Max(minRegionBytes, BytesIn(Quota.Time))) : bytes;
    }

    private ulong BytesIn(TimeSpan time)
    {
        // Whole bytes in a millisecond first, as DAMON rounds.
        var perMillisecond = _timed > TimeSpan.Zero ? (UInt128)_timedBytes * TimeSpan.TicksPerMillisecond / (ulong)_timed.Ticks : AssumedBytesPerMillisecond;
        var bytes = perMillisecond * (ulong)time.Ticks / TimeSpan.TicksPerMillisecond;
        return bytes > ulong.MaxValue ? ulong.MaxValue : (ulong)bytes;
    }
}

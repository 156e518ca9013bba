using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>
/// A kdamond as far as a lease depends on it, after mm/damon/core.c of Linux 7.3: schemes are matched by place, those in excess end and new ones have nothing charged; a pass goes over the regions of
/// each target in order, is counted at the last of each, and only where the budget is not full there; windows are of wall time, those of 2³¹ ms and more never end.
/// Its memory is always cold and never gets less, the worst case: what a pass acts on can be acted on again by the next.
/// </summary>
internal sealed class ModelKernel(VirtualTime time, KernelFeatures features) : IKdamond
{
    private readonly List<Scheme> _schemes = [];
    private TimeSpan _now;
    private bool _isOn;

    public int Index => 0;

    public KernelFeatures Features { get; } = features;

    public KernelContext? Context { get; private set; }

    /// <summary>Bytes of each cold region of each target, in order; null for a target without regions.</summary>
    public IReadOnlyList<ulong[]> Regions { get; set; } = [[.. Enumerable.Repeat(1UL << 20, 64)]];

    /// <summary>Whether a filter lets an action through to the n-th region of a target.</summary>
    public Func<int, bool> IsLetThrough { get; set; } = _ => true;

    /// <summary>How cold the n-th region of a target is, of 99; a scheme whose budget ranks tries only the coldest that make up its size.</summary>
    public Func<int, int> ScoreOf { get; set; } = _ => 99;

    /// <summary>How much longer everything takes than the intervals say.</summary>
    public double Slowness { get; set; } = 1;

    /// <summary>Everything that was ever applied by a scheme that changes memory.</summary>
    public List<(TimeSpan At, ulong Bytes)> Applied { get; } = [];

    /// <summary>What a call meets: the answer in place of carrying it out, or nothing.</summary>
    public Func<string, KernelOutcome?> OnCall { get; set; } = _ => null;

    /// <summary>Called after a call has taken effect.</summary>
    public Action<string> AfterCall { get; set; } = _ => { };

    public List<string> Calls { get; } = [];

    public TimeSpan Now => _now;

    public KernelOutcome Start(KernelContext context) => Do("start", () =>
    {
        _schemes.Clear();
        _isOn = true;
        Take(context);
    });

    public KernelOutcome Commit(KernelContext context) => Do("commit", () => Take(context));

    public KernelOutcome Stop() => Do("stop", () => _isOn = false);

    public void Kill() => _isOn = false;

    /// <summary>Somebody else has the interface now: what is said of it when it is looked at; empty where nobody has.</summary>
    public string Stranger { get; set; } = "";

    public KernelOutcome Verify() => Stranger.Length > 0 ? new KernelOutcome(KernelOutcomeKind.Overwritten, Stranger)
        : _isOn ? KernelOutcome.Done
        : new KernelOutcome(KernelOutcomeKind.NotRunning);

    public HostResult<KdamondState> ReadState() => new KdamondState(_isOn, _isOn ? 77 : -1);

    public HostResult<IReadOnlyList<KernelSchemeStatistics>> ReadStatistics()
    {
        var outcome = Do("read", () => { });
        return outcome.IsDone ? _schemes.ConvertAll(scheme => scheme.Counted) : new HostError(HostErrorKind.Busy, "state");
    }

    public HostResult<IReadOnlyList<IReadOnlyList<KernelRegion>>> ReadTriedRegions() => throw new NotSupportedException();

    public HostResult<IReadOnlyList<ulong>> ReadTriedBytes() => throw new NotSupportedException();

    public HostResult<IReadOnlyList<ulong>> ReadEffectiveQuotas() => throw new NotSupportedException();

    public HostResult<MonitoringIntervals> ReadIntervals() => Context!.Intervals;

    public KernelOutcome CommitGoals(KernelContext context) => throw new NotSupportedException();

    /// <summary>Lets the kernel run, aggregation by aggregation.</summary>
    public void Run(TimeSpan span)
    {
        var end = _now + span;
        while (_isOn && Context is { } context && _now + (context.Intervals.Aggregation * Slowness) <= end)
        {
            _now += context.Intervals.Aggregation * Slowness;
            Pass();
        }

        time.Advance(span);
        _now = end;
    }

    /// <summary>Lets wall time pass in which nothing is looked at, then goes on.</summary>
    public void Skip(TimeSpan span) => _now += span;

    private KernelOutcome Do(string call, Action change)
    {
        Calls.Add(call);
        if (OnCall(call) is { } refused)
        {
            return refused;
        }

        if (!_isOn && call is ("commit" or "read"))
        {
            return new KernelOutcome(KernelOutcomeKind.NotRunning);
        }

        change();
        AfterCall(call);
        return KernelOutcome.Done;
    }

    private void Take(KernelContext context)
    {
        Context = context;
        if (_schemes.Count > context.Schemes.Count)
        {
            _schemes.RemoveRange(context.Schemes.Count, _schemes.Count - context.Schemes.Count);
        }

        for (var i = 0; i < context.Schemes.Count; i++)
        {
            if (i < _schemes.Count)
            {
                _schemes[i].Told = context.Schemes[i];
            }
            else
            {
                _schemes.Add(new Scheme(context.Schemes[i]) { NextAt = _now + IntervalOf(context.Schemes[i]) });
            }
        }
    }

    private TimeSpan IntervalOf(KernelScheme scheme) => (scheme.ApplyInterval > TimeSpan.Zero ? scheme.ApplyInterval : Context!.Intervals.Aggregation) * Slowness;

    private void Pass()
    {
        foreach (var scheme in _schemes.Where(scheme => _now >= scheme.NextAt))
        {
            scheme.AdjustQuota(_now);
            foreach (var target in Regions)
            {
                // Regions lie one after the other from the target's first address on.
                var leftOut = scheme.LeftOutBelow;
                var start = 0UL;
                for (var i = 0; i < target.Length; i++)
                {
                    var end = start + target[i];
                    var bytes = end - Math.Clamp(leftOut, start, end);
                    var isTried = ScoreOf(i) >= scheme.MinScore(target, ScoreOf);
                    scheme.Visit(isTried ? bytes : 0, i == target.Length - 1, IsLetThrough(i), applied => Applied.Add((_now, applied)));
                    start = end;
                }
            }

            scheme.NextAt = _now + IntervalOf(scheme.Told);
        }
    }

    private sealed class Scheme(KernelScheme told)
    {
        private ulong _effective;
        private ulong _charged;
        private ulong _totalCharged;
        private TimeSpan? _chargedFrom;

        public KernelScheme Told { get; set; } = told;

        public TimeSpan NextAt { get; set; }

        public KernelSchemeStatistics Counted { get; private set; }

        private bool HasQuota => _effective > 0 || Told.Quota is { SizeBytes: > 0 };

        private bool IsFull => HasQuota && (_charged >= _effective || _effective - _charged < 4096);

        /// <summary>A filter on addresses from 0 that holds back.</summary>
        public ulong LeftOutBelow => Told.Filters.FirstOrDefault(filter => filter is { Type: SchemeFilterType.Address, StartAddress: 0, Matching: true, Allow: false })?.EndAddress ?? 0;

        public int MinScore(ulong[] regions, Func<int, int> scoreOf)
        {
            if (Told.Quota is not { } quota || quota.AccessRateWeight + quota.AgeWeight == 0)
            {
                return 0;
            }

            var sum = 0UL;
            foreach (var (score, bytes) in regions.Select((bytes, i) => (scoreOf(i), bytes)).OrderByDescending(region => region.Item1))
            {
                sum += bytes;
                if (sum >= _effective)
                {
                    return score;
                }
            }

            return 0;
        }

        public void AdjustQuota(TimeSpan now)
        {
            if (!HasQuota)
            {
                return;
            }

            if (_totalCharged == 0 && _chargedFrom is null)
            {
                (_chargedFrom, _effective) = (now, Told.Quota?.SizeBytes ?? 0);
            }

            var milliseconds = Told.Quota?.Interval.TotalMilliseconds ?? 0;
            if (milliseconds < int.MaxValue && (now - _chargedFrom!.Value).TotalMilliseconds >= milliseconds)
            {
                _totalCharged += _charged;
                (_chargedFrom, _charged, _effective) = (now, 0, Told.Quota?.SizeBytes ?? 0);
            }
        }

        public void Visit(ulong bytes, bool isLast, bool isLetThrough, Action<ulong> apply)
        {
            if (IsFull || (Told.MaxSnapshots > 0 && Told.MaxSnapshots <= Counted.Snapshots))
            {
                return;
            }

            // A cut region's rest is a region of its own, and the next one.
            for (var rest = bytes; Told.Pattern != KernelPattern.Nothing && rest > 0 && !IsFull;)
            {
                var piece = HasQuota ? Math.Min(rest, (_effective - _charged) / 4096 * 4096) : rest;
                rest -= piece;
                var acted = Told.Action != SchemeAction.Stat && isLetThrough ? piece : 0;
                _charged += QuotaCharge.Of(piece, Told.Action == SchemeAction.Stat ? piece : acted, Told.Quota?.FailedChargeNumerator ?? 0, Told.Quota?.FailedChargeDenominator ?? 0);
                Counted = Counted with
                {
                    TriedRegions = Counted.TriedRegions + 1,
                    TriedBytes = Counted.TriedBytes + piece,
                    AppliedBytes = Counted.AppliedBytes + acted,
                    FilterPassedBytes = Counted.FilterPassedBytes + (isLetThrough ? piece : 0),
                };
                if (acted > 0)
                {
                    apply(acted);
                }
            }

            // After a cut the rest of the region would be the last one, and the budget is full there.
            if (isLast && !IsFull)
            {
                Counted = Counted with { Snapshots = Counted.Snapshots + 1 };
            }
        }
    }
}

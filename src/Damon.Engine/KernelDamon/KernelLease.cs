using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// The dead-man switch of what the kernel enforces: a grant is one pass with one budget, in a scheme that begins with it, and ends by itself whether or not anybody is left to end it.
/// See docs/adr/0014-dead-man-lease.md for why each of its parts is needed.
/// </summary>
public static class KernelLease
{
    /// <summary>After so long without the agent nothing may be applied any more.</summary>
    public static TimeSpan Term { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What a grant may take by its intervals. A third of the term: the kernel's intervals are sleeps between which it works, so on a busy machine a pass comes later than they say.
    /// </summary>
    public static TimeSpan NominalTerm { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A window that never ends: in milliseconds, as the kernel takes it, a number with the highest of 32 bits set stands for no timeout at all (msecs_to_jiffies), so that a scheme whose
    /// budget is used up never gets another one.
    /// </summary>
    public static TimeSpan Endless { get; } = TimeSpan.FromMilliseconds(uint.MaxValue);

    /// <summary>The most of one grant, also where a goal asks for all there is: what can be done after the agent's death at the most.</summary>
    public const ulong MostBytes = 1UL << 30;

    /// <summary>
    /// Of bytes that a pass looked at and could not act on, one in so many is charged, where the kernel can (fail_charge, Linux 7.2). Regions of physical memory hold pages of everybody, and the filters hold
    /// most of them back: charged in full they would use up a budget without a byte of the scheme's own groups. Not charged at all they would let one pass walk over a whole machine.
    /// </summary>
    public const ulong LooksPerCharge = 256;

    /// <summary>What a pass is charged.</summary>
    /// <param name="counted">What it did.</param>
    /// <param name="chargesLooksLess">Whether the kernel charges what it could not act on less.</param>
    public static ulong ChargeOf(in KernelSchemeStatistics counted, bool chargesLooksLess) =>
        chargesLooksLess ? QuotaCharge.Of(counted.TriedBytes, counted.AppliedBytes, 1, LooksPerCharge) : counted.TriedBytes;

    /// <summary>
    /// Where the next pass begins: a pass goes up the addresses and ends where its budget does, and a new grant would begin at the first address again. What was tried lies between where it began and where it
    /// ended, so it ended there or above.
    /// </summary>
    /// <param name="start">Where this pass began.</param>
    /// <param name="counted">What it did.</param>
    /// <param name="charge">What it was charged.</param>
    /// <param name="grant">Its grant.</param>
    /// <param name="minRegionBytes">With less than this left a budget is used up.</param>
    /// <returns>0, the first address, where its budget let it go up to the last; the same where it has not come.</returns>
    internal static ulong NextStart(ulong start, in KernelSchemeStatistics counted, ulong charge, KernelScheme grant, ulong minRegionBytes) =>
        charge + minRegionBytes > grant.Quota!.SizeBytes ? QuotaWindow.Add(start, counted.TriedBytes)
        : counted.Snapshots > 0 ? 0
        : start;

    /// <summary>How long after a grant its last pass begins, by the intervals: every pass is one aggregation after the one before, and there is one for each target at the most.</summary>
    /// <param name="intervals">In force, and not tuned by the kernel.</param>
    /// <param name="targets">Targets of the context.</param>
    public static TimeSpan LongestDelay(MonitoringIntervals intervals, int targets)
    {
        var pass = intervals.Aggregation > intervals.Sample ? intervals.Aggregation : intervals.Sample;
        return targets <= 1 ? pass : pass.Ticks > TimeSpan.MaxValue.Ticks / targets ? TimeSpan.MaxValue : pass * targets;
    }

    /// <summary>Makes the grant: to be committed into a place in which no scheme stands.</summary>
    /// <param name="scheme">Compiled; enforcing.</param>
    /// <param name="quota">The scheme's limits, for the ranking of regions.</param>
    /// <param name="bytes">The budget, above zero.</param>
    /// <param name="targets">Targets of the context.</param>
    /// <param name="aggregation">The aggregation interval.</param>
    /// <param name="chargesLooksLess">Whether the kernel can charge what it could not act on less.</param>
    /// <param name="start">
    /// Of physical memory, the address at which the pass begins; null for virtual addresses. Regions of physical memory are not ranked: those of everybody else are among them, and ranked by rate and age they
    /// would use up, by their sizes alone, what the kernel tries at all (<c>min_score</c>), so that a group whose memory is less cold than the rest of the machine's would never be reached.
    /// </param>
    public static KernelScheme Grant(KernelScheme scheme, SchemeQuota quota, ulong bytes, int targets, TimeSpan aggregation, bool chargesLooksLess, ulong? start = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes);
        return scheme with
        {
            ApplyInterval = aggregation,
            Filters = start is { } from and > 0 ? [new SchemeFilter(SchemeFilterType.Address, Matching: true, Allow: false) { EndAddress = from }, .. scheme.Filters] : scheme.Filters,
            Watermarks = null,
            Quota = new SchemeQuota
            {
                SizeBytes = Math.Min(bytes, MostBytes),
                Interval = Endless,
                AccessRateWeight = start is null ? quota.AccessRateWeight : 0,
                AgeWeight = start is null ? quota.AgeWeight : 0,
                FailedChargeNumerator = chargesLooksLess ? 1UL : 0,
                FailedChargeDenominator = chargesLooksLess ? LooksPerCharge : 0,
            },
            MaxSnapshots = (ulong)Math.Max(1, targets),
        };
    }

    /// <summary>Grants one more pass to a scheme that has used nothing of its budget. Nothing else may have changed.</summary>
    /// <param name="grant">As it was granted.</param>
    /// <param name="snapshots">What the kernel has counted since the scheme began.</param>
    /// <param name="targets">Targets of the context.</param>
    public static KernelScheme Renew(KernelScheme grant, ulong snapshots, int targets) => grant with { MaxSnapshots = snapshots + (ulong)Math.Max(1, targets) };
}

using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

public sealed partial class MonitoringSession
{
    private const int MaxCutSteps = 4;

    private readonly ulong[] _bytesByScore = new ulong[RegionScore.Max + 1];
    private AddressRange[] _batchRanges = new AddressRange[64];
    private ulong[] _batchReach = new ulong[64];
    private int _batchCount;

    /// <summary>How many cuts the pass that is under way may still make. Counted once a pass: a sum over all targets for every region would cost their product.</summary>
    private int _roomForCuts;

    private void ApplyDueSchemes()
    {
        foreach (var scheme in _schemes)
        {
            scheme.Watermark.Advance(Elapsed, _machine);
            if (_passed < scheme.NextApplyInterval)
            {
                continue;
            }

            scheme.NextApplyInterval = _passed + scheme.IntervalsBetweenPasses;
            if (scheme.Description.IsSuspended)
            {
                scheme.Statistics.MatchedNowBytes = 0;
                scheme.Statistics.HeldBy = "";
            }
            else if (scheme.State == SchemeState.Active)
            {
                Apply(scheme);
            }
        }
    }

    private void Apply(SchemeRun scheme)
    {
        var statistics = scheme.Statistics;
        statistics.HeldBy = "";
        scheme.BeginPass();
        OpenWindow(scheme);
        CountMatches(scheme);
        CountFilterPassed(scheme);
        if ((scheme.Description.Action == SchemeAction.Stat && !HasBudget(scheme)) || statistics.MatchedNowBytes == 0 || scheme.Window.IsFull)
        {
            return;
        }

        // The walk begins where a used-up budget stopped the last one and goes once round, so that the tail of the last region is served
        // too. DAMON forgets the marker there and serves the head again (documented difference, vector B13).
        var resumeAt = scheme.ResumeTarget < 0 ? -1 : IndexOfTarget(scheme.ResumeTarget);
        var resumeAddress = resumeAt < 0 ? 0 : scheme.ResumeAddress;
        var first = Math.Max(0, resumeAt);
        scheme.ResumeTarget = -1;
        var measured = false;
        _roomForCuts = RoomForCuts();
        BeginGroups(scheme);
        if (WalkRound(scheme, first, resumeAddress, isSecondRound: false, ref measured) && LeavesRest(scheme))
        {
            _ = WalkRound(scheme, first, resumeAddress, isSecondRound: true, ref measured);
        }
    }

    private int IndexOfTarget(int id)
    {
        for (var i = 0; i < _targets.Count; i++)
        {
            if (_targets[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Sums what matches, and finds the lowest score that the budget has room for.</summary>
    private void CountMatches(SchemeRun scheme)
    {
        var statistics = scheme.Statistics;
        statistics.MatchedNowBytes = 0;
        var isAggregation = _passed >= _nextAggregation;
        if (isAggregation)
        {
            statistics.MixedMappingBytes = 0;
        }

        ClearScores(scheme);
        for (var t = 0; t < _targets.Count; t++)
        {
            var target = _targets[t];
            if (!target.IsServedBy(scheme))
            {
                continue;
            }

            if (target.LastMiss.Length > 0 && WantsColdMemory(scheme.Description.Action) && !IsObserved(target))
            {
                statistics.LastFailure = target.LastMiss;
            }

            var scores = scheme.Window.GroupOf(target.BudgetGroup, target.BudgetShare)?.BytesByScore ?? _bytesByScore;
            for (var i = 0; i < target.Regions.Count; i++)
            {
                if (isAggregation && IsMixed(target, i) && WantsColdMemory(scheme.Description.Action))
                {
                    statistics.MixedMappingBytes += target.Regions[i].SizeBytes;
                }

                if (Matches(scheme, target, i, out var accesses) && TriedBytes(scheme, target, i) is > 0 and var size)
                {
                    if (scheme.Description.Action == SchemeAction.Stat && scheme.Filters.Pages.IsEmpty)
                    {
                        NoteTriedParts(scheme, target, i);
                    }

                    statistics.MatchedRegions++;
                    statistics.MatchedNowBytes += size;
                    scores[ScoreOf(scheme, target, i, accesses)] += size;
                }
            }
        }

        statistics.MatchedBytes += statistics.MatchedNowBytes;
        scheme.MinScore = HasBudget(scheme) ? FindMinScore(scheme) : 0;
    }

    private bool Matches(SchemeRun scheme, SessionTarget target, int index, out uint accesses)
    {
        var regions = target.Regions;
        var left = LeftSamples;
        var lastCounts = left > 0 && regions.LastAccesses[index] > 0;
        accesses = EstimateOf(regions, index);
        return scheme.Thresholds.Match(regions.Ends[index] - regions.Starts[index], accesses, regions.Ages[index])
            && !(WantsColdMemory(scheme.Description.Action) && (!IsObserved(target) || IsMixed(target, index) || (lastCounts && target.Probe.Granularity == ProbeGranularity.Mapping)));
    }

    /// <summary>Sample intervals of the aggregation that are still to come.</summary>
    private uint LeftSamples => (uint)Math.Min(Samples, _nextAggregation > _passed ? _nextAggregation - _passed : 0);

    /// <summary>Whether the counts that a match stands on come from looks: a look that failed leaves a count at zero, and that is not cold memory.</summary>
    private bool IsObserved(SessionTarget target)
    {
        var left = LeftSamples;
        return target.ObservedSamples >= Samples - left && (left == 0 || target.WasObserved);
    }

    private int ScoreOf(SchemeRun scheme, SessionTarget target, int index, uint accesses)
    {
        var quota = scheme.Window.Quota;
        var age = TimeSpan.FromTicks((long)UInt128.Min(long.MaxValue, (UInt128)target.Regions.Ages[index] * (ulong)Intervals.Aggregation.Ticks));
        return RegionScore.For(scheme.Description.Action, accesses, Samples, age, quota.AccessRateWeight, quota.AgeWeight);
    }

    /// <summary>
    /// A mapping of which only a part was accessed is never cold: which part it was, the probe cannot say. Between two aggregations nobody remembers
    /// whether the previous one saw a part or all of it, so then any access in it counts as one to a part.
    /// </summary>
    private static bool IsMixed(SessionTarget target, int index) => target.Regions.PartlyAccessed[index] > 0;

    /// <summary>Acts on the matching regions of one target between two addresses.</summary>
    /// <returns>False when the budget is used up and the walk ends.</returns>
    private bool Walk(SchemeRun scheme, SessionTarget target, GroupBudget? group, ulong from, ulong to, ref bool measured)
    {
        var regions = target.Regions;
        var headroom = ulong.MaxValue;
        var headroomKnown = !TakesMemory(scheme.Description.Action) || Plan.ResidentFloorBytes == 0;
        var goesOn = true;
        var minScore = Math.Max(scheme.MinScore, group?.MinScore ?? 0);
        _batchCount = 0;
        for (var i = regions.FindEndingAfter(from); i < regions.Count && regions.Starts[i] < to; i++)
        {
            if (!Matches(scheme, target, i, out var accesses) || ScoreOf(scheme, target, i, accesses) < minScore)
            {
                continue;
            }

            if (scheme.Window.IsFull)
            {
                StopAt(scheme, target, Math.Max(from, regions.Starts[i]));
                goesOn = false;
                break;
            }

            if (group is { IsFull: true })
            {
                group.StopAt(target.Id, Math.Max(from, regions.Starts[i]));
                break;
            }

            if (regions.Starts[i] < from)
            {
                // The last pass stopped inside this region, and a merge has closed the cut since: cut again and go on behind it.
                if (_roomForCuts <= 0)
                {
                    continue;
                }

                Cut(regions, i, from);
                continue;
            }

            if (!PassesRegionFilters(scheme, target, i))
            {
                continue;
            }

            if (scheme.Description.Action == SchemeAction.Stat)
            {
                CountWithin(scheme, target, group, i);
                continue;
            }

            if (!headroomKnown)
            {
                headroomKnown = true;
                if (!TryReadHeadroom(scheme, target, out headroom))
                {
                    break;
                }
            }

            if (headroom < Plan.MinRegionBytes)
            {
                scheme.Statistics.HeldBy = "Floor";
                break;
            }

            if (!ApplyTo(scheme, target, group, i, ref headroom, ref measured))
            {
                break;
            }
        }

        FlushBatch(scheme, target, group);
        return goesOn;
    }

    /// <summary>The maximum bounds what is sampled. Mappings are as many as they are, and a probe that reads them all pays nothing for a cut: there only cuts count.</summary>
    private int RoomForCuts()
    {
        var count = RegionCount;
        for (var i = 0; i < _targets.Count; i++)
        {
            count -= _targets[i].Mappings;
        }

        return Plan.Limits.Max - count;
    }

    private void Cut(RegionTable regions, int index, ulong address)
    {
        regions.SplitAt(index, address);
        _roomForCuts--;
    }

    private static void StopAt(SchemeRun scheme, SessionTarget target, ulong address)
    {
        scheme.ResumeTarget = target.Id;
        scheme.ResumeAddress = address;
    }

    private bool TryReadHeadroom(SchemeRun scheme, SessionTarget target, out ulong headroom)
    {
        headroom = 0;
        var outcome = target.Actor.ReadResident(out var resident);
        if (outcome != ActionOutcome.Applied)
        {
            NoteFailure(scheme, target, outcome);
            return false;
        }

        // What Observe has counted is still resident, but would not be: the floor holds for the memory as it would be then.
        var wouldBeAway = scheme.Description.Mode == SchemeMode.Observe ? LedgerSum(scheme, target) : 0;
        var taken = SaturatingAdd(Plan.ResidentFloorBytes, wouldBeAway);
        headroom = resident > taken ? resident - taken : 0;
        return true;
    }

    private static ulong LedgerSum(SchemeRun scheme, SessionTarget target)
    {
        ulong sum = 0;
        for (var i = 0; i < target.Regions.Count; i++)
        {
            sum += target.Regions.LedgerOf(i)[scheme.Index];
        }

        return sum;
    }

    /// <returns>False when this target is done for this pass.</returns>
    private bool ApplyTo(SchemeRun scheme, SessionTarget target, GroupBudget? group, int index, ref ulong headroom, ref bool measured)
    {
        var regions = target.Regions;
        var description = scheme.Description;
        var observes = description.Mode == SchemeMode.Observe;

        // Where an effect is measured, memory that was acted on is out of reach by itself. Elsewhere the ledger says what was done already.
        var countsOnce = observes || CountsOnce(description.Action);
        var counted = countsOnce ? regions.LedgerOf(index)[scheme.Index] : 0;
        var budget = BudgetOf(scheme, group, headroom);
        var range = regions[index].Range;
        var began = _time.GetTimestamp();
        var outcome = target.Actor.Measure(scheme.Action, range, SaturatingAdd(budget, counted), out var reach, _pageFilters);
        if (outcome != ActionOutcome.Applied)
        {
            NoteFailure(scheme, target, outcome);
            return false;
        }

        // What was counted is spread evenly over the region, so a cut leaves only a share of it on this side: the limit of the region's head is lower
        // than that of the whole, and the cut comes earlier. A few steps come close; what is then still above the budget is counted another time.
        for (var step = 0; step < MaxCutSteps && counted > 0 && reach.End < range.End; step++)
        {
            var onThisSide = RegionColumns.Share(counted, reach.End - range.Start, range.SizeBytes);
            if (reach.ReachableBytes <= SaturatingAdd(budget, onThisSide))
            {
                break;
            }

            outcome = target.Actor.Measure(scheme.Action, range, SaturatingAdd(budget, onThisSide), out reach, _pageFilters);
            if (outcome != ActionOutcome.Applied)
            {
                NoteFailure(scheme, target, outcome);
                return false;
            }
        }

        NoteReach(scheme, reach, ref measured);
        if (!observes)
        {
            // Measuring is a part of what an action costs. In Observe nothing is timed, so that the assumed speed stays the assumed one.
            scheme.Window.BookTime(0, _time.GetElapsedTime(began));
        }

        if (reach.End < range.End)
        {
            // A region that cannot be cut because there is no room for one more waits until regions have merged; smaller ones behind it do not.
            if (reach.End <= range.Start || _roomForCuts <= 0)
            {
                return true;
            }

            Cut(regions, index, reach.End);
            counted = countsOnce ? regions.LedgerOf(index)[scheme.Index] : 0;
        }

        NoteTried(scheme, target, index, regions[index].Range, reach.ReachableBytes);
        regions.Ages[index] = 0;
        var fresh = reach.ReachableBytes > counted ? reach.ReachableBytes - counted : 0;
        if (counted > 0 && fresh > budget)
        {
            // As without anything counted: the budget.
            fresh = budget;
        }

        scheme.Window.Charge(fresh);
        group?.Charge(fresh);
        headroom -= Math.Min(headroom, fresh);
        if (fresh == 0 || observes)
        {
            EndLook(scheme, target, regions[index].Range, _pageFilters);
        }

        if (fresh == 0)
        {
            return true;
        }

        _observer?.OnMatched(scheme, target, regions[index].Range, fresh);
        if (observes)
        {
            regions.LedgerOf(index)[scheme.Index] = counted + fresh;
            Book(scheme, fresh, IsMeasurable(description.Action) ? fresh : 0);
        }
        else
        {
            KeepBatchAlike(scheme, target, group);
            AddToBatch(regions[index].Range, fresh);
        }

        return true;
    }

    private static ulong SaturatingAdd(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;

    private static void Book(SchemeRun scheme, ulong advised, ulong applied)
    {
        scheme.Statistics.AdvisedBytes += advised;
        scheme.Statistics.AppliedBytes += applied;
        scheme.Statistics.AwayBytes += applied;
    }

    private static void NoteReach(SchemeRun scheme, in Reach reach, ref bool measured)
    {
        var statistics = scheme.Statistics;
        if (!measured)
        {
            measured = true;
            statistics.NoSwapBytes = 0;
            statistics.SharedBytes = 0;
            statistics.LockedBytes = 0;
            statistics.FilteredBytes = 0;
        }

        statistics.NoSwapBytes += reach.NoSwapBytes;
        statistics.SharedBytes += reach.SharedBytes;
        statistics.LockedBytes += reach.LockedBytes;
        statistics.FilteredBytes += reach.FilteredBytes;
        statistics.FilterPassedBytes += reach.PassedBytes;
    }

    private static void NoteFailure(SchemeRun scheme, SessionTarget target, ActionOutcome outcome)
    {
        if (outcome == ActionOutcome.Held)
        {
            scheme.Statistics.HeldBy = target.Actor.LastError;
        }
        else if (outcome != ActionOutcome.Gone)
        {
            // A process that is gone is no failure: the probe ends the target in the next interval.
            scheme.Statistics.FailedCalls++;
            scheme.Statistics.LastFailure = target.Actor.LastError;
        }
    }

    private void AddToBatch(AddressRange range, ulong reachableBytes)
    {
        if (_batchCount == _batchRanges.Length)
        {
            Array.Resize(ref _batchRanges, _batchCount * 2);
            Array.Resize(ref _batchReach, _batchCount * 2);
        }

        _batchRanges[_batchCount] = range;
        _batchReach[_batchCount++] = reachableBytes;
    }

    private void FlushBatch(SchemeRun scheme, SessionTarget target, GroupBudget? group)
    {
        if (_batchCount == 0)
        {
            return;
        }

        ulong expected = 0;
        ulong asked = 0;
        for (var i = 0; i < _batchCount; i++)
        {
            expected += _batchReach[i];
            asked += _batchRanges[i].SizeBytes;
        }

        var began = _time.GetTimestamp();
        var result = target.Actor.Apply(scheme.Action with { AmountBytes = expected }, _batchRanges.AsSpan(0, _batchCount), _batchFilters);

        // A call that failed has advised nothing, or a part: what it did not reach was not acted on and must not count as done.
        // Nor does it count against it what page filters had held back when it was measured.
        var advised = RegionColumns.Share(expected, result.AdvisedBytes, asked - Math.Min(asked, result.SkippedBytes));
        scheme.Window.BookTime(advised, _time.GetElapsedTime(began));
        target.AppliedBytes += result.EffectBytes;
        Book(scheme, advised, result.EffectBytes);
        Settle(scheme, group, expected, IsMeasurable(scheme.Description.Action) ? result.EffectBytes : advised);
        switch (result.Outcome)
        {
            case ActionOutcome.NoEffect:
                scheme.Statistics.NoEffectCalls++;
                break;
            case ActionOutcome.Applied or ActionOutcome.Unmeasured or ActionOutcome.Nothing:
                break;
            default:
                NoteFailure(scheme, target, result.Outcome);
                break;
        }

        // The measured effect is one number for the batch: each region's ledger gets its share of it.
        var away = IsMeasurable(scheme.Description.Action) ? Math.Min(result.EffectBytes, expected) : advised;
        for (var i = 0; i < _batchCount; i++)
        {
            var row = target.Regions.FindEndingAfter(_batchRanges[i].Start);
            if (row < target.Regions.Count)
            {
                // Pages can come back unseen and be acted on again; no more than the whole region can be away.
                ref var ledger = ref target.Regions.LedgerOf(row)[scheme.Index];
                ledger = Math.Min(target.Regions[row].SizeBytes, ledger + RegionColumns.Share(_batchReach[i], away, expected));
            }
        }

        EndBatchLooks(scheme, target);
        _batchCount = 0;
    }

    /// <summary>
    /// Takes out of the ledgers what has been accessed since it was counted: of a region seen accessed in k of n samples, the share k/n. Each
    /// sample looks at one page for one interval, so k/n is the share of the region that is accessed in an interval; by temporal locality it is
    /// taken to be the same pages throughout. Accesses spread so thin that they meet other pages each time touch more than that.
    /// </summary>
    /// <param name="aggregations">For how many aggregations the counts stand: each of them takes its share of what is left.</param>
    private void DecayLedgers(uint aggregations = 1)
    {
        foreach (var scheme in _schemes)
        {
            scheme.Statistics.AwayBytes = 0;
        }

        for (var t = 0; t < _tables.Count; t++)
        {
            var regions = _tables[t];
            var accesses = regions.Accesses;
            for (var i = 0; i < accesses.Length; i++)
            {
                var ledger = regions.LedgerOf(i);
                for (var s = 0; s < ledger.Length; s++)
                {
                    if (ledger[s] == 0)
                    {
                        continue;
                    }

                    if (accesses[i] > 0 && IsUndoneByAccess(_schemes[s].Description.Action))
                    {
                        for (var n = 0u; n < aggregations && RegionColumns.Share(ledger[s], accesses[i], Samples) is > 0 and var accessed; n++)
                        {
                            NoteRefault(_schemes[s], _targets[t], accessed);
                            ledger[s] -= accessed;
                        }
                    }

                    if (IsMeasurable(_schemes[s].Description.Action))
                    {
                        _schemes[s].Statistics.AwayBytes += ledger[s];
                    }
                }
            }
        }
    }
}

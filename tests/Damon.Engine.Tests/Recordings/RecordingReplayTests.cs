using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;

namespace Damon.Engine.Tests.Recordings;

public class RecordingReplayTests
{
    private const ulong Size = 256UL << 20;

    /// <summary>By how much what is advised and away may differ from live: there the ledger is kept on the regions from before merging.</summary>
    private const double LedgerTolerance = 0.05;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0UL, SchemeAction.Pageout)]
    [InlineData(8UL << 20, SchemeAction.Pageout)]
    [InlineData(0UL, SchemeAction.Cold)]
    public void Equal_schemes_over_a_recording_match_what_they_matched_live(ulong quota, SchemeAction action)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var scheme = Scheme(action, TimeSpan.FromSeconds(5), quota);
            var live = Record(seed, scheme, out var recording);

            var replayed = Replay(recording, scheme, out var replay);

            replayed.MatchedBytes.Should().Be(live.MatchedBytes).And.BePositive();
            replayed.MatchedRegions.Should().Be(live.MatchedRegions);
            replayed.QuotaExceededWindows.Should().BeCloseTo(live.QuotaExceededWindows, 3);
            ((double)replayed.AdvisedBytes).Should().BeApproximately(live.AdvisedBytes, live.AdvisedBytes * LedgerTolerance, "seed {0}", seed);
            ((double)replayed.AwayBytes).Should().BeApproximately(live.AwayBytes, Size * LedgerTolerance, "seed {0}", seed);
            replay.AgesWereReset.Should().BeTrue();
        }
    }

    [Fact]
    public void A_scheme_tried_on_a_recording_beside_stat_does_about_what_it_does_live()
    {
        foreach (var quota in new[] { 0UL, 8UL << 20 })
        {
            foreach (var age in new[] { 2, 5, 20 })
            {
                double lived = 0;
                double tried = 0;
                double livedMatches = 0;
                double triedMatches = 0;
                for (ulong seed = 1; seed <= 5; seed++)
                {
                    var scheme = Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(age), quota);
                    var live = Record(seed, scheme, out _);
                    Record(seed, Scheme(SchemeAction.Stat, TimeSpan.Zero), out var recording);
                    var replayed = Replay(recording, scheme, out var replay);
                    replay.AgesWereReset.Should().BeFalse();
                    (lived, tried) = (lived + live.AdvisedBytes, tried + replayed.AdvisedBytes);
                    (livedMatches, triedMatches) = (livedMatches + live.MatchedBytes, triedMatches + replayed.MatchedBytes);
                }

                tried.Should().BeApproximately(lived, lived * 0.1, "an age of {0} s and a quota of {1}", age, quota);
                triedMatches.Should().BeApproximately(livedMatches, livedMatches * 0.2, "an age of {0} s and a quota of {1}", age, quota);
            }
        }
    }

    [Theory]
    [InlineData(SchemeAction.Pageout)]
    [InlineData(SchemeAction.Stat)]
    public void Page_filters_cannot_be_judged_on_a_recording_and_nothing_is_done(SchemeAction action)
    {
        Record(1, Scheme(SchemeAction.Stat, TimeSpan.Zero), out var recording);
        var filtered = Replay(recording, Scheme(action, TimeSpan.FromSeconds(5)) with { Filters = [new SchemeFilter(SchemeFilterType.Anonymous, true, false)] }, out _);

        (filtered.AdvisedBytes, filtered.FilterPassedBytes).Should().Be((0UL, 0UL));
        filtered.MatchedBytes.Should().BePositive();
        filtered.LastFailure.Should().Contain("the filter Anonymous cannot be judged");
    }

    [Fact]
    public void Another_scheme_gives_another_answer()
    {
        Record(1, Scheme(SchemeAction.Stat, TimeSpan.Zero), out var recording);
        var five = Replay(recording, Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(5)), out _);
        var fifty = Replay(recording, Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(50)), out _);
        var never = Replay(recording, Scheme(SchemeAction.Pageout, TimeSpan.FromHours(1)), out _);

        five.MatchedBytes.Should().BeGreaterThan(fifty.MatchedBytes);
        fifty.MatchedBytes.Should().BePositive();
        (never.MatchedBytes, never.AdvisedBytes).Should().Be((0UL, 0UL));
    }

    [Fact]
    public void What_is_enforced_in_a_replay_is_away_until_it_is_accessed()
    {
        var intervals = RecordingSamples.Intervals;
        var cold = new RecordedRegion(0x100000, 0x500000, 0, 200);
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        for (var i = 0; i < 10; i++)
        {
            // Half of the region is accessed in an aggregation in the middle, and all of it in the last one.
            var accesses = i switch { 5 => 10u, 9 => 20u, _ => 0u };
            writer.Append(new RecordedSnapshot(intervals.Aggregation * (i + 1), intervals, [new RecordedTarget(3, "three", new[] { cold with { Accesses = accesses, Age = i < 5 ? cold.Age : (uint)(i - 5) % 4 } })]));
        }

        var scheme = Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(5)) with { Mode = SchemeMode.Enforce };
        using var replay = ReplayOf(stream.ToArray(), scheme);
        for (var i = 0; i < 10; i++)
        {
            replay.Step().Should().Be(RecordingReadOutcome.Snapshot);
            var back = i switch { < 5 => 0UL, < 9 => cold.SizeBytes / 2, _ => cold.SizeBytes };
            replay.ReturnedBytes.Should().Be(back, "step {0}", i);
        }

        var statistics = replay.Session!.Schemes[0].Statistics;
        statistics.AppliedBytes.Should().Be(cold.SizeBytes, "its age has started anew when it was paged out");
        replay.Step().Should().Be(RecordingReadOutcome.End);
    }

    [Fact]
    public void Counts_are_seen_exactly_whatever_they_are()
    {
        var intervals = RecordingSamples.Intervals;
        var regions = Enumerable.Range(0, 21).Select(i => new RecordedRegion((ulong)i * 8192, (ulong)(i + 1) * 8192, (uint)i, 5)).ToArray();
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        for (var i = 0; i < 4; i++)
        {
            writer.Append(new RecordedSnapshot(intervals.Aggregation * (i + 1), intervals, [new RecordedTarget(1, "", regions)]));
        }

        var seen = new CountWatch();
        using var replay = new RecordingReplay(new RecordingReader(new MemoryStream(stream.ToArray())), Plan(), seen);
        while (replay.Step() == RecordingReadOutcome.Snapshot)
        {
            seen.BeforeMerge.Should().Equal(regions.Select(region => region.Accesses));
            seen.AfterMerge.Should().Equal(regions.Select(region => region.Accesses));
        }

        seen.Aggregations.Should().Be(4);
    }

    [Fact]
    public void Targets_come_and_go_and_a_number_that_is_new_begins_anew()
    {
        var intervals = RecordingSamples.Intervals;
        RecordedTarget Target(int id, string name, bool isNew = false) => new(id, name, new[] { new RecordedRegion(0, 1 << 20, 0, 100) }) { IsNew = isNew };
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        RecordedTarget[][] snapshots = [[Target(1, "a"), Target(2, "b")], [Target(1, "a")], [Target(1, "c", isNew: true)], [], [Target(2, "b"), Target(1, "c")]];
        for (var i = 0; i < snapshots.Length; i++)
        {
            writer.Append(new RecordedSnapshot(intervals.Aggregation * (i + 1), intervals, snapshots[i]));
        }

        using var replay = ReplayOf(stream.ToArray(), Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(5)));
        var targets = new List<string>();
        while (replay.Step() == RecordingReadOutcome.Snapshot)
        {
            targets.Add(string.Join(' ', replay.Session!.Targets.Select(target => target.Id).Order()));
        }

        targets.Should().Equal("1 2", "1", "1", "", "1 2");
        replay.Session!.Schemes[0].Statistics.AdvisedBytes.Should().Be(5UL << 20, "two at first, one anew, and two that came back");
    }

    [Fact]
    public void A_snapshot_for_several_aggregations_is_repeated()
    {
        var live = Record(3, Scheme(SchemeAction.Stat, TimeSpan.Zero), out var every, every: 1);
        Record(3, Scheme(SchemeAction.Stat, TimeSpan.Zero), out var tenth, every: 10);
        tenth.Length.Should().BeLessThan(every.Length / 8);

        var scheme = Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(5));
        var fine = Replay(every, scheme, out var fineReplay);
        var coarse = Replay(tenth, scheme, out var coarseReplay);

        live.MatchedBytes.Should().BePositive();
        coarseReplay.Session!.Aggregations.Should().Be(fineReplay.Session!.Aggregations);
        coarseReplay.Snapshots.Should().Be(fineReplay.Snapshots / 10);
        ((double)coarse.AdvisedBytes).Should().BeApproximately(fine.AdvisedBytes, fine.AdvisedBytes * 0.2);
    }

    [Fact]
    public void Memory_that_was_not_looked_at_is_not_cold_in_a_replay_either()
    {
        var intervals = RecordingSamples.Intervals;
        var regions = new[] { new RecordedRegion(0, 1 << 20, 0, 100) };
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        writer.Append(new RecordedSnapshot(intervals.Aggregation, intervals, [new RecordedTarget(1, "", regions) { MissedSamples = 3 }]));
        writer.Append(new RecordedSnapshot(intervals.Aggregation * 2, intervals, [new RecordedTarget(1, "", regions)]));
        using var replay = ReplayOf(stream.ToArray(), Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(5)));

        replay.Step();
        replay.Session!.Schemes[0].Statistics.MatchedBytes.Should().Be(0);
        replay.Step();
        replay.Session!.Schemes[0].Statistics.MatchedBytes.Should().Be(1 << 20);
    }

    [Fact]
    public void Intervals_that_change_are_followed()
    {
        var fast = RecordingSamples.Intervals;
        var slow = fast.WithSample(TimeSpan.FromMilliseconds(50));
        var regions = new[] { new RecordedRegion(0, 1 << 20, 0, 10) };
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        writer.Append(new RecordedSnapshot(fast.Aggregation, fast, [new RecordedTarget(1, "", regions)]));
        writer.Append(new RecordedSnapshot(fast.Aggregation + slow.Aggregation, slow, [new RecordedTarget(1, "", regions)]));
        using var replay = ReplayOf(stream.ToArray(), Scheme(SchemeAction.Pageout, TimeSpan.FromSeconds(5)));

        replay.Step();
        replay.Session!.Schemes[0].Statistics.MatchedBytes.Should().Be(0, "ten aggregations of 100 ms are one second");
        replay.Step();
        replay.Session!.Schemes[0].Statistics.MatchedBytes.Should().Be(1 << 20, "ten of a second are ten");
        replay.Session.Elapsed.Should().Be(fast.Aggregation + slow.Aggregation);
    }

    [Fact]
    public void Recording_allocates_nothing_per_snapshot()
    {
        using var stream = new MemoryStream(64 << 20);
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        var recorder = new SessionRecorder(writer, 1, _ => "memory");
        using var session = Session(1, [], out var memory, recorder);
        while (session.Aggregations < 50)
        {
            Sample(session, memory);
        }

        Allocations.Of(() =>
        {
            for (var before = session.Aggregations; session.Aggregations == before;)
            {
                Sample(session, memory);
            }
        }).Should().Be(0);
        recorder.LastError.Should().BeEmpty();
        recorder.Snapshots.Should().BeGreaterThan(50);
    }

    [Fact]
    public void A_recording_that_fails_does_not_disturb_the_session()
    {
        using var stream = new FailingStream([]);
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        stream.FailAt = stream.Length + 2000;
        var recorder = new SessionRecorder(writer, 1, _ => "memory");
        using var session = Session(1, [], out var memory, recorder);

        while (session.Aggregations < 50)
        {
            Sample(session, memory);
        }

        (recorder.HasFailed, recorder.LastError).Should().Be((true, FailingStream.Message));
        recorder.Snapshots.Should().BeInRange(1, 49);
    }

    [Fact]
    public void A_summary_says_how_much_was_accessed_in_how_many_of_the_snapshots()
    {
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        for (var i = 0; i < 10; i++)
        {
            writer.Append(RecordingSamples.Simple(i, new RecordedRegion(0, (ulong)(i + 1) << 20, 1, 0), new RecordedRegion((ulong)(i + 1) << 20, 1 << 30, 0, 0)));
        }

        RecordingSamples.Open(stream, new RecordedSegment()).Writer!.Append(RecordingSamples.Simple(0, new RecordedRegion(0, 1 << 30, 0, 0)));
        var summary = new RecordingSummary();
        var reader = new RecordingReader(new MemoryStream(stream.ToArray()));
        while (reader.Read() == RecordingReadOutcome.Snapshot)
        {
            summary.Add(reader);
        }

        summary.WorkingSetPercentile(0).Should().Be(0);
        summary.WorkingSetPercentile(50).Should().Be(5UL << 20);
        summary.WorkingSetPercentile(100).Should().Be(10UL << 20);
        (summary.Snapshots, summary.Segments.Count, summary.Targets.Count, summary.MostRegions, summary.MostBytes).Should().Be((11UL, 2, 2, 2, 1UL << 30));
        summary.Duration.Should().Be(RecordingSamples.Intervals.Aggregation * 11);
        summary.Targets[0].WorkingSetPercentile(100).Should().Be(10UL << 20);
        summary.Targets[1].WorkingSetPercentile(100).Should().Be(0);
    }

    private static SchemeDescription Scheme(SchemeAction action, TimeSpan minAge, ulong quota = 0) =>
        new("tried", action, new AccessPattern { MaxRate = AccessRate.Never, MinAge = minAge }) { Quota = new SchemeQuota { SizeBytes = quota } };

    private static MonitoringPlan Plan(params SchemeDescription[] schemes) => new(MonitoringIntervals.Default, RegionLimits.Default, schemes);

    private static MonitoringSession Session(ulong seed, SchemeDescription[] schemes, out SimulatedMemory memory, ISessionObserver? observer)
    {
        var random = new RandomSource(seed);
        const ulong Start = 1UL << 32;
        memory = new SimulatedMemory([new AddressRange(Start, Start + (Size / 4)), new AddressRange(Start + (Size / 4), Start + Size)], 0.01, new RandomSource(~seed));
        memory.SetAccess(0, new SimulatedAccess(20_000_000));
        var session = new MonitoringSession(Plan(schemes), new KernelRegionPolicy(RegionLimits.Default, random), random, TimeProvider.System, observer);
        session.AddTarget(9, memory, memory);
        return session;
    }

    private static void Sample(MonitoringSession session, SimulatedMemory memory)
    {
        session.BeginSample();
        memory.Advance(session.Intervals.Sample);
        session.EndSample();
    }

    private static SchemeStatistics Record(ulong seed, SchemeDescription scheme, out byte[] recording, int every = 1)
    {
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment { Every = every, SchemesResetAges = scheme.Action != SchemeAction.Stat }).Writer!;
        using var session = Session(seed, [scheme], out var memory, new SessionRecorder(writer, every, _ => "memory"));
        var moved = false;
        while (session.Elapsed < Duration)
        {
            if (!moved && session.Elapsed >= Duration / 2)
            {
                // What was cold becomes hot: things that were counted as away come back.
                moved = true;
                memory.SetAccess(0, default);
                memory.SetAccess(1, new SimulatedAccess(20_000_000, WindowShare: 0.4));
            }

            Sample(session, memory);
        }

        recording = stream.ToArray();
        return session.Schemes[0].Statistics;
    }

    private static RecordingReplay ReplayOf(byte[] recording, SchemeDescription scheme) => new(new RecordingReader(new MemoryStream(recording)), Plan(scheme));

    private static SchemeStatistics Replay(byte[] recording, SchemeDescription scheme, out RecordingReplay replay)
    {
        replay = ReplayOf(recording, scheme);
        while (replay.Step() == RecordingReadOutcome.Snapshot)
        {
        }

        replay.Step().Should().Be(RecordingReadOutcome.End);
        return replay.Session!.Schemes[0].Statistics;
    }

    /// <summary>What the session counted: before regions are laid out at the end, LastAccesses of the next aggregation are the counts of this one.</summary>
    private sealed class CountWatch : ISessionObserver
    {
        public int Aggregations { get; private set; }

        public uint[] BeforeMerge { get; private set; } = [];

        public uint[] AfterMerge { get; private set; } = [];

        public void OnAggregated(MonitoringSession session)
        {
            Aggregations++;
            AfterMerge = session.Targets[0].Regions.Accesses.ToArray();
            BeforeMerge = session.Targets[0].Probe is RecordedMemory ? Counted(session) : [];
        }

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
        {
        }

        /// <summary>Asks the probe once more for a whole aggregation, as the session did.</summary>
        private static uint[] Counted(MonitoringSession session)
        {
            var memory = (RecordedMemory)session.Targets[0].Probe;
            var regions = session.Targets[0].Regions;
            var counts = new uint[regions.Count];
            var seen = new AccessObservation[regions.Count];
            memory.Begin(memory.Recorded, session.Intervals.SamplesPerAggregation);
            for (var i = 0; i < session.Intervals.SamplesPerAggregation; i++)
            {
                memory.Check(regions.Starts, regions.Ends, regions.Starts, seen);
                for (var r = 0; r < seen.Length; r++)
                {
                    counts[r] += seen[r] == AccessObservation.Accessed ? 1u : 0;
                }
            }

            return counts;
        }
    }
}

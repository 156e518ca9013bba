using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;

namespace Damon.Engine.Tests.Recordings;

internal static class RecordingSamples
{
    public static MonitoringIntervals Intervals { get; } = MonitoringIntervals.Default;

    /// <summary>Recordings of a few segments with targets that come, change and go.</summary>
    public static Gen<Recorded[]> Segments { get; } =
        Gen.Select(Gen.Int[1, 70000], Gen.Bool, Gen.Long[0, 1L << 56], Snapshot().Array[0, 6], (every, resets, began, snapshots) => new Recorded(
            new RecordedSegment
            {
                Every = Math.Min(every, ushort.MaxValue),
                SchemesResetAges = resets,
                Began = began == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(began),
            },
            Ordered(snapshots))).Array[1, 3];

    public static RecordingOpening Open(Stream stream, RecordedSegment segment) => RecordingWriter.Open(stream, segment, TestContext.Current.CancellationToken);

    public static byte[] Write(params Recorded[] segments)
    {
        using var stream = new MemoryStream();
        foreach (var segment in segments)
        {
            var writer = Open(stream, segment.Segment).Writer!;
            foreach (var snapshot in segment.Snapshots)
            {
                writer.Append(snapshot).Should().Be(RecordingWriteOutcome.Written, writer.LastError);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Everything a reader finds, with how it ends.</summary>
    public static (List<(RecordedSegment Segment, RecordedSnapshot Snapshot)> Found, RecordingReadOutcome End, RecordingReader Reader) Read(byte[] bytes)
    {
        var reader = new RecordingReader(new MemoryStream(bytes));
        var found = new List<(RecordedSegment, RecordedSnapshot)>();
        while (true)
        {
            var outcome = reader.Read();
            if (outcome != RecordingReadOutcome.Snapshot)
            {
                reader.Read().Should().Be(outcome, "the end is final");
                return (found, outcome, reader);
            }

            found.Add((reader.Segment!, reader.Snapshot!));
        }
    }

    /// <summary>Compares by content; a record compares the memory of its regions by where it lies.</summary>
    public static string Text(RecordedSnapshot snapshot) =>
        $"{snapshot.Time.Ticks} {snapshot.Intervals} " + string.Join(';', snapshot.Targets.Select(target =>
            $"{target.Id} {target.Name} {target.Granularity} {target.MissedSamples} {string.Join(',', target.Regions.ToArray())}"));

    public static RecordedSnapshot Simple(int number, params RecordedRegion[] regions) =>
        new(Intervals.Aggregation * (number + 1), Intervals, [new RecordedTarget(7, "seven", regions)]);

    private static RecordedSnapshot[] Ordered(RecordedSnapshot[] snapshots)
    {
        // Times never go back, and the first snapshot of a number is a new target.
        var time = TimeSpan.Zero;
        var known = new Dictionary<int, string>();
        for (var i = 0; i < snapshots.Length; i++)
        {
            time += snapshots[i].Time;
            var targets = snapshots[i].Targets.Select(target =>
            {
                var isNew = !known.TryGetValue(target.Id, out var name) || name != target.Name;
                known[target.Id] = target.Name;
                return target with { IsNew = isNew };
            });
            snapshots[i] = snapshots[i] with { Time = time, Targets = [.. targets] };
        }

        return snapshots;
    }

    private static Gen<RecordedSnapshot> Snapshot() =>
        Gen.Select(Gen.Long[0, 1L << 50], Gen.Long[1, 100_000], Gen.Int[1, 1_000_000], Gen.Long[1, 1000]).SelectMany((time, sample, samples, updates) =>
        {
            var aggregation = sample * samples;
            var max = TimeSpan.FromHours(720).Ticks;
            aggregation = Math.Min(aggregation, max);
            var intervals = new MonitoringIntervals(TimeSpan.FromTicks(Math.Min(sample, aggregation)), TimeSpan.FromTicks(aggregation), TimeSpan.FromTicks(Math.Min(max, aggregation * updates)));
            return Target(intervals.SamplesPerAggregation).Array[0, 3].Select(targets => new RecordedSnapshot(
                TimeSpan.FromTicks(time), intervals, [.. targets.DistinctBy(target => target.Id)]));
        });

    private static Gen<RecordedTarget> Target(uint samples) =>
        Gen.Select(Gen.OneOf(0, 1, 4711, int.MaxValue), Gen.OneOf("", "a", "postgres: writer", "naïve ✓"), Gen.Bool, Gen.UInt[0, samples], Gen.Int[0, 40]).SelectMany(
            (id, name, isMapping, missed, shift) => Region(samples, isMapping).Array[0, 8].Select(parts =>
            {
                ulong at = 0;
                var regions = new List<RecordedRegion>();
                foreach (var (gap, size, region) in parts)
                {
                    var start = at + ((ulong)gap << shift);
                    at = start + ((ulong)size << shift);
                    regions.Add(region with { Start = start, End = at });
                }

                return new RecordedTarget(id, name, regions.ToArray())
                {
                    Granularity = isMapping ? ProbeGranularity.Mapping : ProbeGranularity.Page,
                    MissedSamples = missed,
                };
            }));

    private static Gen<(ushort Gap, ushort Size, RecordedRegion Region)> Region(uint samples, bool isMapping) =>
        Gen.Select(Gen.Bool, Gen.UShort, Gen.UShort[1, ushort.MaxValue], Gen.UInt[0, samples], Gen.UInt, Gen.UInt).Select((hasGap, gap, size, accesses, age, partly) =>
            (hasGap ? gap : (ushort)0, size, new RecordedRegion(0, 0, accesses, age, isMapping ? partly % (accesses + 1) : 0)));

    public sealed record Recorded(RecordedSegment Segment, RecordedSnapshot[] Snapshots)
    {
        public override string ToString() => $"{Segment}: {string.Join(" | ", Snapshots.Select(Text))}";
    }
}

using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;
using Damon.Testing;

namespace Damon.Interchange.Tests;

public class DamoRecordsTests
{
    private static readonly byte[] Sample = RepositoryFiles.Bytes("tests/Damon.Interchange.Tests/Samples/records.json");

    [Fact]
    public void What_damo_recorded_is_read_target_by_target_into_snapshots()
    {
        var result = DamoRecordsReader.Read(Sample);

        result.Error.Should().BeEmpty();
        var run = result.Runs.Should().ContainSingle().Subject;
        run.Segment.Began.Should().Be(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        run.Snapshots.Select(snapshot => snapshot.Time).Should().Equal(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));
        run.Snapshots[0].Intervals.Should().Be(new MonitoringIntervals(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
        run.Snapshots[1].Intervals.Should().Be(new MonitoringIntervals(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)), "the kernel had tuned them");
        run.Snapshots[0].Targets.Select(target => (target.Id, target.Name, target.IsNew)).Should().Equal((0, "damo target 0", true), (1, "damo target 18446623438842320000", true));
        run.Snapshots[0].Targets[0].Regions.ToArray().Should().Equal(new RecordedRegion(4294967296, 6374375424, 0, 12), new RecordedRegion(6374375424, 9493487616, 20, 1003));
        run.Snapshots[0].Targets[1].Regions.ToArray().Should().Equal(new RecordedRegion(0, 4096, 20, 0));
        run.Snapshots[1].Targets.Should().ContainSingle().Which.Regions.ToArray().Should().Equal(new RecordedRegion(4294967296, 9493487616, 10, 3));
        result.Notes.Select(note => note.Path).Should().BeEquivalentTo("snapshots[].regions[].nr_accesses", "snapshots[].damos_stats");
    }

    [Fact]
    public void The_compressed_form_is_read_alike()
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(Sample);
        }

        var result = DamoRecordsReader.Read(compressed.ToArray());

        result.Error.Should().BeEmpty();
        Text(result.Runs).Should().Be(Text(DamoRecordsReader.Read(Sample).Runs));
        DamoRecordsReader.Read(compressed.ToArray().AsMemory(0, 40)).Error.Should().NotBeEmpty();
    }

    [Fact]
    public void A_recording_goes_to_damo_and_comes_back() =>
        Runs.Sample(
            run =>
            {
                foreach (var isCompressed in new[] { false, true })
                {
                    var json = Export([run], isCompressed, out var end, out var notes);
                    end.Should().Be(RecordingReadOutcome.End);
                    notes.Should().BeEmpty();
                    var back = DamoRecordsReader.Read(json);
                    back.Error.Should().BeEmpty();
                    back.Notes.Should().BeEmpty();
                    Text(back.Runs).Should().Be(Text([run]));
                }
            },
            iter: 300);

    [Fact]
    public void What_damo_recorded_comes_back_to_it_region_by_region()
    {
        var runs = DamoRecordsReader.Read(Sample).Runs;
        using var theirs = JsonDocument.Parse(Sample);
        using var ours = JsonDocument.Parse(Export(runs, false, out _, out _));

        var first = theirs.RootElement[0].GetProperty("snapshots")[0];
        var same = ours.RootElement[0].GetProperty("snapshots")[0];
        same.GetProperty("regions").GetRawText().Where(c => !char.IsWhiteSpace(c)).Should().Equal(first.GetProperty("regions").GetRawText().Where(c => !char.IsWhiteSpace(c)));
        foreach (var name in new[] { "start_time", "end_time", "total_bytes", "damos_stats", "sample_interval_us" })
        {
            same.GetProperty(name).ToString().Should().Be(first.GetProperty(name).ToString(), name);
        }

        ours.RootElement[0].GetProperty("snapshots")[1].GetProperty("sample_interval_us").GetString().Should().Be("10000");
        ours.RootElement[0].GetProperty("intervals").GetProperty("aggr_us").GetString().Should().Be("100000");
        ours.RootElement[0].EnumerateObject().Select(p => p.Name).Should().Equal(theirs.RootElement[0].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void What_damo_cannot_say_of_a_recording_is_in_the_notes()
    {
        var target = new RecordedTarget(1, "name", new RecordedRegion[] { new(0, 4096, 2, 0, 1) }) { Granularity = ProbeGranularity.Mapping, MissedSamples = 4 };
        var run = new RecordedRun(new RecordedSegment { Every = 5 }, [new RecordedSnapshot(TimeSpan.FromSeconds(1), MonitoringIntervals.Default, [target])]);
        Export([run], false, out _, out var notes);
        notes.Should().HaveCount(4);
    }

    [Fact]
    public void A_damaged_recording_is_not_exported()
    {
        using var to = new MemoryStream();
        DamoRecordsWriter.Write(new RecordingReader(new MemoryStream([1, 2, 3])), to, false, out _, TestContext.Current.CancellationToken).Should().Be(RecordingReadOutcome.NotARecording);
        to.Length.Should().Be(0);
    }

    [Fact]
    public void A_lone_snapshots_companion_that_only_keeps_time_is_passed_over()
    {
        var result = DamoRecordsReader.Read(Encoding.UTF8.GetBytes(
            """
            [{"target_id": 0, "snapshots": [
              {"start_time": 0, "end_time": 100000000, "regions": [{"start": "0", "end": "4096", "nr_accesses": {"samples": 1, "percent": null}, "age": {"usec": null, "aggr_intervals": null}}]},
              {"start_time": 100000000, "end_time": 200000000, "regions": [{"start": "0", "end": "0", "nr_accesses": {"samples": -1, "percent": null}, "age": {"usec": null, "aggr_intervals": "-1"}}]}]}]
            """));
        result.Error.Should().BeEmpty();
        result.Runs.Should().ContainSingle().Which.Snapshots.Should().ContainSingle();
        result.Notes.Select(note => note.Path).Should().BeEquivalentTo("intervals", "snapshots[].regions[].age");
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{}", "the file is no list")]
    [InlineData("[5]", "a record is no object")]
    [InlineData("[{}]", "no snapshots")]
    [InlineData("[{\"snapshots\": 5}]", "snapshots is no list")]
    [InlineData("[{\"snapshots\": [{}]}]", "no end_time")]
    [InlineData("[{\"snapshots\": [{\"end_time\": \"soon\"}]}]", "end_time: \"soon\" cannot be read")]
    [InlineData("[{\"snapshots\": [{\"end_time\": 1, \"regions\": [{\"start\": []}]}]}]", "start is not a single value")]
    [InlineData("[{\"intervals\": {\"sample_us\": \"0\", \"aggr_us\": \"5\", \"ops_update_us\": \"5\"}, \"snapshots\": [{\"end_time\": 1, \"regions\": []}]}]", "the intervals")]
    public void What_is_wrong_is_told_in_one_line(string text, string error)
    {
        var result = DamoRecordsReader.Read(Encoding.UTF8.GetBytes(text));
        result.Runs.Should().BeEmpty();
        result.Error.Should().Contain(error).And.NotContain("\n");
    }

    [Fact]
    public void Changed_and_truncated_files_are_answered_with_runs_or_an_error()
    {
        for (var length = 0; length < Sample.Length; length += 7)
        {
            DamoRecordsReader.Read(Sample.AsMemory(0, length)).Error.Should().NotBeEmpty();
        }

        var text = Encoding.UTF8.GetString(Sample);
        Gen.Select(Gen.Int[0, 10_000], Gen.OneOf("-", "9", "99999999999999999999999999999999", "max", "null", "[]", "{}", "\"\"", ",", "e9", "\\ud800")).Array[1, 3].Sample(
            changes =>
            {
                var changed = text;
                foreach (var (at, fragment) in changes)
                {
                    changed = changed.Insert(at % changed.Length, fragment);
                }

                var result = DamoRecordsReader.Read(Encoding.UTF8.GetBytes(changed));
                if (result.Error.Length == 0)
                {
                    using var stream = new MemoryStream();
                    DamoRecordsReader.Write(result.Runs, stream, TestContext.Current.CancellationToken).Should().BeEmpty("whatever is read can be recorded");
                }

                return result.Error.Length == 0 || result.Runs.Count == 0;
            },
            iter: 3000);
    }

    /// <summary>What both sides can say: targets with the names that an import gives them, from the first snapshot on, at steady or tuned intervals.</summary>
    private static Gen<RecordedRun> Runs =>
        from began in Gen.Long[1, 1L << 55]
        from sample in Gen.Int[1, 1000]
        from samples in Gen.Int[1, 100]
        from targets in Gen.Int[1, 3]
        from tuning in Gen.Int[1, 5].Array[1, 5]
        from regions in Gen.Select(Gen.Int[0, 3], Gen.Int[1, 100], Gen.UInt, Gen.UInt).Array[0, 6].Array[15]
        select RunOf(began, sample, samples, targets, tuning, regions);

    private static RecordedRun RunOf(long began, int sample, int samples, int targets, int[] tuning, (int Gap, int Size, uint Accesses, uint Age)[][] regions)
    {
        var time = TimeSpan.Zero;
        var snapshots = new List<RecordedSnapshot>();
        for (var i = 0; i < tuning.Length; i++)
        {
            var tuned = TimeSpan.FromMicroseconds(sample * tuning[i]);
            var intervals = new MonitoringIntervals(tuned, tuned * samples, TimeSpan.FromSeconds(100));
            time += intervals.Aggregation;
            var found = new List<RecordedTarget>();
            for (var target = 0; target < targets; target++)
            {
                ulong at = 0;
                var rows = new List<RecordedRegion>();
                foreach (var (gap, size, accesses, age) in regions[(i * 3) + target])
                {
                    at += (ulong)gap * 4096;
                    rows.Add(new RecordedRegion(at, at + ((ulong)size * 4096), accesses % (uint)(samples + 1), age));
                    at += (ulong)size * 4096;
                }

                found.Add(new RecordedTarget(target, "", rows.ToArray()) { IsNew = i == 0 });
            }

            snapshots.Add(new RecordedSnapshot(time, intervals, found));
        }

        return new RecordedRun(new RecordedSegment { Began = DateTimeOffset.UnixEpoch.AddTicks(began) }, snapshots);
    }

    private static byte[] Export(IReadOnlyList<RecordedRun> runs, bool isCompressed, out RecordingReadOutcome end, out IReadOnlyList<InterchangeNote> notes)
    {
        using var recording = new MemoryStream();
        DamoRecordsReader.Write(runs, recording, TestContext.Current.CancellationToken).Should().BeEmpty();
        recording.Position = 0;
        using var json = new MemoryStream();
        end = DamoRecordsWriter.Write(new RecordingReader(recording), json, isCompressed, out notes, TestContext.Current.CancellationToken);
        return json.ToArray();
    }

    private static string Text(IEnumerable<RecordedRun> runs) => string.Join('\n', runs.Select(run =>
        $"{run.Segment.Began:O} {run.Segment.Every}\n" + string.Join('\n', run.Snapshots.Select(snapshot =>
            $"{snapshot.Time.Ticks} {snapshot.Intervals} " + string.Join(';', snapshot.Targets.OrderBy(t => t.Id).Select(target => $"{target.Id} {target.IsNew} {string.Join(',', target.Regions.ToArray())}"))))));
}

using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;

namespace Damon.Engine.Tests.Recordings;

public class RecordingWriterTests
{
    private static readonly RecordedRegion[] Regions = [new(4096, 8192, 1, 2), new(8192, 65536, 0, 7)];

    [Fact]
    public void A_recording_that_ends_anywhere_is_continued_behind_its_last_whole_record()
    {
        var sample = RecordingSamples.Write(new RecordingSamples.Recorded(new RecordedSegment(), [.. Enumerable.Range(0, 3).Select(i => RecordingSamples.Simple(i, Regions))]));
        for (var length = 0; length <= sample.Length; length++)
        {
            var whole = length == 0 ? ([], RecordingReadOutcome.End, new RecordingReader(Stream.Null)) : RecordingSamples.Read(sample[..length]);
            using var stream = new MemoryStream();
            stream.Write(sample.AsSpan(0, length));

            var opening = RecordingSamples.Open(stream, new RecordedSegment { Every = 3 });
            opening.Writer!.Append(RecordingSamples.Simple(0, Regions)).Should().Be(RecordingWriteOutcome.Written);

            opening.DroppedBytes.Should().Be(whole.Item3.DroppedBytes);
            var (found, end, _) = RecordingSamples.Read(stream.ToArray());
            end.Should().Be(RecordingReadOutcome.End);
            found.Should().HaveCount(whole.Item1.Count + 1);
            found[^1].Segment.Every.Should().Be(3);
            opening.Writer.LengthBytes.Should().Be((ulong)stream.Length);
        }
    }

    [Fact]
    public void A_recording_that_is_wrong_in_the_middle_and_anything_else_is_left_alone()
    {
        var sample = RecordingSamples.Write(new RecordingSamples.Recorded(new RecordedSegment(), [RecordingSamples.Simple(0, Regions), RecordingSamples.Simple(1, Regions)]));
        sample[30] ^= 1;
        foreach (var content in new byte[][] { sample, [.. "somebody's thesis"u8] })
        {
            using var stream = new MemoryStream();
            stream.Write(content);

            var opening = RecordingSamples.Open(stream, new RecordedSegment());

            opening.Writer.Should().BeNull();
            opening.Error.Should().NotBeEmpty();
            stream.ToArray().Should().Equal(content);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_full_disk_ends_the_recording_and_leaves_a_readable_one(bool keepsLength)
    {
        using var stream = new FailingStream([]);
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        writer.Append(RecordingSamples.Simple(0, Regions)).Should().Be(RecordingWriteOutcome.Written);
        (stream.FailAt, stream.KeepsLength) = (stream.Length + 9, keepsLength);

        writer.Append(RecordingSamples.Simple(1, Regions)).Should().Be(RecordingWriteOutcome.Failed);

        (writer.HasFailed, writer.LastError, writer.Snapshots).Should().Be((true, FailingStream.Message, 1UL));
        stream.FailAt = long.MaxValue;
        writer.Append(RecordingSamples.Simple(2, Regions)).Should().Be(RecordingWriteOutcome.Failed, "nothing is written behind a gap");
        var (found, end, _) = RecordingSamples.Read(stream.ToArray());
        found.Should().ContainSingle();
        end.Should().Be(keepsLength ? RecordingReadOutcome.TornTail : RecordingReadOutcome.End);
    }

    [Fact]
    public void A_disk_that_is_full_at_once_gives_no_writer()
    {
        using var stream = new FailingStream([]) { FailAt = 3 };
        RecordingSamples.Open(stream, new RecordedSegment()).Error.Should().Be(FailingStream.Message);
    }

    [Fact]
    public void A_snapshot_that_breaks_a_bound_is_left_out_and_the_recording_goes_on()
    {
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        writer.Append(RecordingSamples.Simple(5, Regions)).Should().Be(RecordingWriteOutcome.Written);
        var good = RecordingSamples.Simple(6, Regions);
        var target = good.Targets[0];
        var samples = good.Intervals.SamplesPerAggregation;
        RecordedSnapshot[] bad =
        [
            good with { Time = TimeSpan.Zero },
            good with { Targets = [target, target] },
            good with { Targets = [target with { Id = -1 }] },
            good with { Targets = [target with { Regions = new RecordedRegion[] { new(8, 8, 0, 0) } }] },
            good with { Targets = [target with { Regions = new RecordedRegion[] { new(0, 16, 0, 0), new(8, 24, 0, 0) } }] },
            good with { Targets = [target with { Regions = new RecordedRegion[] { new(0, 16, samples + 1, 0) } }] },
            good with { Targets = [target with { Regions = new RecordedRegion[] { new(0, 16, 1, 0, PartlyAccessed: 2) } }] },
            good with { Intervals = new MonitoringIntervals(TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) },
            good with { Intervals = new MonitoringIntervals(TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(721)) },
        ];
        foreach (var snapshot in bad)
        {
            writer.Append(snapshot).Should().Be(RecordingWriteOutcome.NotRecordable);
            writer.LastError.Should().NotBeEmpty();
        }

        writer.Append(good).Should().Be(RecordingWriteOutcome.Written);
        var (found, end, _) = RecordingSamples.Read(stream.ToArray());
        (found.Count, end).Should().Be((2, RecordingReadOutcome.End));
    }

    [Fact]
    public void A_name_is_cut_between_characters()
    {
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        writer.Append(new RecordedSnapshot(TimeSpan.Zero, RecordingSamples.Intervals, [new RecordedTarget(1, "x" + new string('é', 300), default)]));

        RecordingSamples.Read(stream.ToArray()).Found[0].Snapshot.Targets[0].Name.Should().Be("x" + new string('é', 127));
    }

    [Fact]
    public void A_region_beside_its_neighbour_takes_at_most_five_bytes()
    {
        var regions = Enumerable.Range(0, 1000).Select(i => new RecordedRegion(0x7f0000000000 + ((ulong)i << 20), 0x7f0000000000 + ((ulong)(i + 1) << 20), (uint)i % 21, (uint)i)).ToArray();
        using var stream = new MemoryStream();
        var writer = RecordingSamples.Open(stream, new RecordedSegment()).Writer!;
        var before = stream.Length;

        writer.Append(RecordingSamples.Simple(0, regions));

        (stream.Length - before).Should().BeLessThan(5 * regions.Length);
    }
}

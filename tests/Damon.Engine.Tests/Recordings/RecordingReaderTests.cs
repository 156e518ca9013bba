using System.Buffers.Binary;
using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;

namespace Damon.Engine.Tests.Recordings;

public class RecordingReaderTests
{
    private static readonly RecordedRegion[] Regions =
    [
        new(0x7f0000000000, 0x7f0000400000, 0, 12), new(0x7f0000400000, 0x7f0000500000, 20, 3), new(0x7f0010000000, 0x7f0010001000, 7, 0),
    ];

    private static readonly byte[] Sample = RecordingSamples.Write(
        new RecordingSamples.Recorded(new RecordedSegment { Every = 2, Began = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) }, [.. Enumerable.Range(0, 3).Select(i => RecordingSamples.Simple(i, Regions))]),
        new RecordingSamples.Recorded(new RecordedSegment { SchemesResetAges = true }, [RecordingSamples.Simple(0, Regions[..1])]));

    [Fact]
    public void What_was_written_is_read() =>
        RecordingSamples.Segments.Sample(
            segments =>
            {
                var (found, end, reader) = RecordingSamples.Read(RecordingSamples.Write(segments));
                end.Should().Be(RecordingReadOutcome.End, reader.Error);
                found.Select(item => RecordingSamples.Text(item.Snapshot)).Should().Equal(segments.SelectMany(segment => segment.Snapshots).Select(RecordingSamples.Text));
                found.Select(item => item.Segment).Should().Equal(segments.SelectMany(segment => segment.Snapshots.Select(_ => segment.Segment)));
                found.SelectMany(item => item.Snapshot.Targets).Select(target => target.IsNew).Should().Equal(
                    segments.SelectMany(segment => segment.Snapshots).SelectMany(snapshot => snapshot.Targets).Select(target => target.IsNew));
            },
            iter: 300);

    [Fact]
    public void A_file_that_ends_anywhere_gives_every_whole_snapshot_and_the_number_of_dropped_bytes()
    {
        var whole = RecordingSamples.Read(Sample).Found.Select(item => RecordingSamples.Text(item.Snapshot)).ToList();
        whole.Should().HaveCount(4);
        var last = -1;
        for (var length = 1; length <= Sample.Length; length++)
        {
            var (found, end, reader) = RecordingSamples.Read(Sample[..length]);

            end.Should().BeOneOf(RecordingReadOutcome.TornTail, RecordingReadOutcome.End);
            (reader.GoodBytes + reader.DroppedBytes).Should().Be((ulong)length);
            (reader.DroppedBytes == 0).Should().Be(end == RecordingReadOutcome.End);
            found.Select(item => RecordingSamples.Text(item.Snapshot)).Should().Equal(whole.Take(found.Count));
            found.Count.Should().BeGreaterThanOrEqualTo(last);
            last = found.Count;
        }

        last.Should().Be(4);
    }

    [Fact]
    public void Zeros_behind_the_last_record_are_a_torn_tail()
    {
        foreach (var count in new[] { 1, 7, 8, 9, 4096, 100_000 })
        {
            var (found, end, reader) = RecordingSamples.Read([.. Sample, .. new byte[count]]);
            (found.Count, end, reader.DroppedBytes).Should().Be((4, RecordingReadOutcome.TornTail, (ulong)count));
        }
    }

    [Fact]
    public void Any_changed_byte_is_found_and_what_is_before_it_is_still_read()
    {
        var whole = RecordingSamples.Read(Sample).Found.Select(item => RecordingSamples.Text(item.Snapshot)).ToList();
        for (var at = 0; at < Sample.Length; at++)
        {
            foreach (var change in new byte[] { 0x01, 0x80, 0xFF })
            {
                var bytes = Sample.ToArray();
                bytes[at] ^= change;
                var (found, end, reader) = RecordingSamples.Read(bytes);

                end.Should().NotBe(RecordingReadOutcome.End, "byte {0} was changed", at);
                found.Count.Should().BeLessThan(whole.Count);
                found.Select(item => RecordingSamples.Text(item.Snapshot)).Should().Equal(whole.Take(found.Count));
                if (end == RecordingReadOutcome.Corrupt && at >= RecordingFormat.HeaderBytes)
                {
                    reader.GoodBytes.Should().BeLessThanOrEqualTo((ulong)at);
                    reader.Error.Should().EndWith($"at offset {reader.GoodBytes}");
                }
            }
        }
    }

    [Fact]
    public void A_wrong_record_in_the_middle_is_an_error_and_no_torn_tail()
    {
        var bytes = Sample.ToArray();
        bytes[RecordingFormat.HeaderBytes + RecordingFormat.RecordHeadBytes] ^= 0x40;

        var (found, end, reader) = RecordingSamples.Read(bytes);

        (found.Count, end, reader.DroppedBytes).Should().Be((0, RecordingReadOutcome.Corrupt, 0UL));
        reader.Error.Should().Be("the record's checksum is wrong, at offset 16");
    }

    [Fact]
    public void Several_changed_bytes_end_with_an_outcome() =>
        Gen.Select(Gen.Int[0, 100_000], Gen.Byte).Array[1, 12].Sample(
            changes =>
            {
                var bytes = Sample.ToArray();
                foreach (var (at, value) in changes)
                {
                    bytes[at % bytes.Length] = value;
                }

                return Enum.IsDefined(RecordingSamples.Read(bytes).End);
            },
            iter: 5000);

    /// <summary>Checksums keep accidents away from the decoder; this is for whoever writes them on purpose.</summary>
    [Fact]
    public void A_body_that_breaks_the_rules_behind_right_checksums_is_corrupt_or_understood() =>
        Gen.Select(Gen.Int[0, 2], Gen.Select(Gen.Int[0, 1000], Gen.Byte).Array[1, 5], Gen.Byte.Array[0, 20]).Sample(
            (record, changes, tail) =>
            {
                var bodies = Bodies(Sample);
                var body = bodies[record + 1].Concat(tail).ToArray();
                foreach (var (at, value) in changes)
                {
                    body[at % body.Length] = value;
                }

                bodies[record + 1] = body;
                var (found, end, _) = RecordingSamples.Read(FileOf(bodies));
                found.ForEach(item => Check(item.Snapshot));
                return end is RecordingReadOutcome.End or RecordingReadOutcome.Corrupt;
            },
            iter: 20_000);

    [Fact]
    public void A_count_without_its_content_allocates_nothing_for_it()
    {
        // Snapshot: time, sample, aggregation, update, and 2^40 targets; or one target with 2^40 regions.
        byte[] times = [3, 0, 1, 1, 1];
        byte[] many = [0x80, 0x80, 0x80, 0x80, 0x80, 0x40];
        foreach (var body in new byte[][] { [.. times, .. many], [.. times, 1, 7, 0, 0, 12, .. many] })
        {
            var bytes = FileOf([[1, 0, 1, 0], [2, 7, 1, (byte)'a'], body]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var reader = new RecordingReader(new MemoryStream(bytes));
            reader.Read().Should().Be(RecordingReadOutcome.Corrupt);
            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 20);
        }
    }

    [Fact]
    public void A_length_without_its_bytes_allocates_nothing_for_it()
    {
        var bytes = new byte[RecordingFormat.HeaderBytes + RecordingFormat.RecordHeadBytes + 10];
        RecordingFormat.WriteHeader(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), RecordingFormat.MaxBodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), RecordingFormat.HeadChecksum(RecordingFormat.MaxBodyBytes, 16));
        var before = GC.GetAllocatedBytesForCurrentThread();

        new RecordingReader(new MemoryStream(bytes)).Read().Should().Be(RecordingReadOutcome.TornTail);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 20);
    }

    [Fact]
    public void A_revision_adds_kinds_and_fields_and_an_older_reader_passes_over_them()
    {
        var bodies = Bodies(Sample);
        bodies[0] = [.. bodies[0], 1, 2, 3];
        bodies.Insert(1, [200, 9, 9]);
        var bytes = FileOf(bodies, revision: 5);

        var (found, end, reader) = RecordingSamples.Read(bytes);

        (found.Count, end, reader.Revision).Should().Be((4, RecordingReadOutcome.End, 5));
        RecordingSamples.Open(new MemoryStream(bytes), new RecordedSegment()).Error.Should().Contain("revision 5");
    }

    [Fact]
    public void Another_version_is_refused_by_its_number()
    {
        var bytes = FileOf(Bodies(Sample), version: 2);
        var (found, end, reader) = RecordingSamples.Read(bytes);
        (found.Count, end).Should().Be((0, RecordingReadOutcome.UnknownVersion));
        reader.Error.Should().Contain("version 2");
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("kdamonds:\n", "is not a recording")]
    [InlineData("[", "is not a recording")]
    public void What_is_no_recording_is_said_to_be_none(string text, string error)
    {
        var (_, end, reader) = RecordingSamples.Read(System.Text.Encoding.UTF8.GetBytes(text));
        (end, reader.Error).Should().Be((RecordingReadOutcome.NotARecording, error));
    }

    [Fact]
    public void A_stream_that_fails_is_an_outcome()
    {
        using var stream = new FailingStream(Sample) { FailAt = 40 };
        var reader = new RecordingReader(stream);
        reader.Read().Should().Be(RecordingReadOutcome.Failed);
        reader.Error.Should().Be(FailingStream.Message);
    }

    [Fact]
    public void A_snapshot_before_its_segment_or_its_target_is_corrupt()
    {
        byte[] segment = [1, 0, 1, 0];
        byte[] target = [2, 7, 1, (byte)'a'];
        byte[] snapshot = [3, 0, 1, 1, 1, 1, 7, 0, 0, 12, 0];
        RecordingSamples.Read(FileOf([segment, target, snapshot])).End.Should().Be(RecordingReadOutcome.End);
        RecordingSamples.Read(FileOf([segment, target, snapshot])).Found.Should().ContainSingle();
        RecordingSamples.Read(FileOf([segment, snapshot, target])).End.Should().Be(RecordingReadOutcome.Corrupt);
        RecordingSamples.Read(FileOf([target, segment, snapshot])).End.Should().Be(RecordingReadOutcome.Corrupt);
        RecordingSamples.Read(FileOf([segment, target, segment, snapshot])).End.Should().Be(RecordingReadOutcome.Corrupt, "a segment knows no targets of the one before");
    }

    private static void Check(RecordedSnapshot snapshot)
    {
        snapshot.Targets.Select(target => target.Id).Should().OnlyHaveUniqueItems();
        foreach (var target in snapshot.Targets)
        {
            ulong end = 0;
            foreach (var region in target.Regions.ToArray())
            {
                (region.Start >= end && region.End > region.Start && region.Accesses <= snapshot.Intervals.SamplesPerAggregation && region.PartlyAccessed <= region.Accesses).Should().BeTrue();
                end = region.End;
            }
        }
    }

    private static List<byte[]> Bodies(byte[] file)
    {
        var bodies = new List<byte[]>();
        for (var at = RecordingFormat.HeaderBytes; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
            bodies.Add(file[(at + 8)..(at + 8 + length)]);
            at += length + 12;
        }

        return bodies;
    }

    private static byte[] FileOf(IReadOnlyList<byte[]> bodies, ushort version = 1, ushort revision = 0)
    {
        var file = new List<byte>();
        var header = new byte[RecordingFormat.HeaderBytes];
        RecordingFormat.WriteHeader(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), version);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(10), revision);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), RecordingFormat.Checksum(header.AsSpan(0, 12)));
        file.AddRange(header);
        foreach (var body in bodies)
        {
            var record = new RecordingBuffer();
            record.Begin(body[0]);
            record.AddBytes(body.AsSpan(1));
            file.AddRange(record.Close((ulong)file.Count));
        }

        return [.. file];
    }
}

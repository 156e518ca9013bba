using System.Buffers.Binary;
using System.Text;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Recordings;

/// <summary>
/// Reads a recording snapshot by snapshot. Made for files that anybody may have written: every input ends with one of the outcomes, and memory is taken in
/// proportion to the bytes that are there.
/// </summary>
/// <param name="stream">Where the recording begins; read forward only, and left open.</param>
public sealed class RecordingReader(Stream stream)
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>The least that a target, and a region, takes in a body: a count that needs more than what is left is wrong before anything is allocated.</summary>
    private const int LeastTargetBytes = 5;

    private const int LeastRegionBytes = 3;

    private readonly Dictionary<int, Target> _targets = [];
    private readonly HashSet<int> _seen = [];
    private byte[] _bytes = new byte[ChunkBytes];
    private TimeSpan _time;
    private bool _begun;
    private RecordingReadOutcome? _final;

    /// <summary>The snapshot that the latest call of <see cref="Read"/> found; null before the first one.</summary>
    public RecordedSnapshot? Snapshot { get; private set; }

    /// <summary>The segment of that snapshot; null before the first one.</summary>
    public RecordedSegment? Segment { get; private set; }

    /// <summary>Segments so far.</summary>
    public int Segments { get; private set; }

    /// <summary>The format's revision, as the file's header says.</summary>
    public int Revision { get; private set; }

    /// <summary>Bytes up to the end of the latest whole record; where a writer goes on.</summary>
    public ulong GoodBytes { get; private set; }

    /// <summary>Bytes of the torn tail; 0 where there is none.</summary>
    public ulong DroppedBytes { get; private set; }

    /// <summary>What is wrong, for people, with the offset; empty where nothing is.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Reads up to and with the next snapshot.</summary>
    /// <returns>What was found.</returns>
    public RecordingReadOutcome Read()
    {
        if (_final is { } final)
        {
            return final;
        }

        try
        {
            if (!_begun && ReadHeader() is { } refused)
            {
                return End(refused);
            }

            _begun = true;
            while (true)
            {
                if (ReadRecord() is { } outcome)
                {
                    return outcome == RecordingReadOutcome.Snapshot ? outcome : End(outcome);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            Error = e.Message;
            return End(RecordingReadOutcome.Failed);
        }
    }

    private RecordingReadOutcome End(RecordingReadOutcome outcome)
    {
        _final = outcome;
        return outcome;
    }

    private RecordingReadOutcome? ReadHeader()
    {
        var length = Fill(0, RecordingFormat.HeaderBytes);
        var magic = RecordingFormat.Magic;
        var compared = Math.Min(length, magic.Length);
        if (length == 0 || !_bytes.AsSpan(0, compared).SequenceEqual(magic[..compared]))
        {
            Error = length == 0 ? "is empty" : "is not a recording";
            return RecordingReadOutcome.NotARecording;
        }

        if (length < RecordingFormat.HeaderBytes)
        {
            DroppedBytes = (ulong)length;
            return RecordingReadOutcome.TornTail;
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(8));
        if (BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(12)) != RecordingFormat.Checksum(_bytes.AsSpan(0, 12)))
        {
            Error = "its header is damaged, at offset 0";
            return RecordingReadOutcome.Corrupt;
        }

        if (version != RecordingFormat.Version)
        {
            Error = $"has the version {version} of the format, and only {RecordingFormat.Version} is known here";
            return RecordingReadOutcome.UnknownVersion;
        }

        Revision = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(10));
        GoodBytes = RecordingFormat.HeaderBytes;
        return null;
    }

    private RecordingReadOutcome? ReadRecord()
    {
        var head = Fill(0, RecordingFormat.RecordHeadBytes);
        if (head == 0)
        {
            return RecordingReadOutcome.End;
        }

        if (head < RecordingFormat.RecordHeadBytes)
        {
            DroppedBytes = (ulong)head;
            return RecordingReadOutcome.TornTail;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes);
        if (length is 0 or > RecordingFormat.MaxBodyBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(4)) != RecordingFormat.HeadChecksum(length, GoodBytes))
        {
            return IsZeroToTheEnd(head) ? RecordingReadOutcome.TornTail : Corrupt("there is no record");
        }

        var wanted = (int)length + RecordingFormat.ChecksumBytes;
        var read = Fill(0, wanted);
        if (read < wanted)
        {
            DroppedBytes = (ulong)(head + read);
            return RecordingReadOutcome.TornTail;
        }

        var body = _bytes.AsSpan(0, (int)length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan((int)length)) != RecordingFormat.Checksum(body))
        {
            // The last record of a machine that went down may have its length and not its content.
            if (IsEnd(wanted))
            {
                DroppedBytes = (ulong)(head + wanted);
                return RecordingReadOutcome.TornTail;
            }

            return Corrupt("the record's checksum is wrong");
        }

        var cursor = new RecordingCursor(body);
        cursor.TryByte(out var kind);
        var understood = kind switch
        {
            RecordingFormat.SegmentKind => TrySegment(ref cursor),
            RecordingFormat.TargetKind => TryTarget(ref cursor),
            RecordingFormat.SnapshotKind => TrySnapshot(ref cursor),

            // A later revision's.
            _ => true,
        };
        if (!understood)
        {
            return Corrupt("the record breaks a rule of the format");
        }

        GoodBytes += (ulong)(head + wanted);
        return kind == RecordingFormat.SnapshotKind ? RecordingReadOutcome.Snapshot : null;
    }

    private RecordingReadOutcome Corrupt(string what)
    {
        Error = $"{what}, at offset {GoodBytes}";
        return RecordingReadOutcome.Corrupt;
    }

    private bool TrySegment(ref RecordingCursor cursor)
    {
        if (!cursor.TryVarint((ulong)(DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks, out var began)
            || !cursor.TryVarint(RecordingFormat.MaxEvery, out var every) || every == 0
            || !cursor.TryByte(out var flags))
        {
            return false;
        }

        Segment = new RecordedSegment
        {
            Began = began == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks((long)began),
            Every = (int)every,
            SchemesResetAges = (flags & RecordingFormat.ResetAgesFlag) != 0,
        };
        Segments++;
        _targets.Clear();
        _time = TimeSpan.Zero;
        return true;
    }

    private bool TryTarget(ref RecordingCursor cursor)
    {
        if (Segment is null
            || !cursor.TryVarint(int.MaxValue, out var id)
            || !cursor.TryVarint(RecordingFormat.MaxNameBytes, out var length)
            || !cursor.TryBytes((int)length, out var name))
        {
            return false;
        }

        _targets[(int)id] = new Target(Encoding.UTF8.GetString(name));
        return true;
    }

    private bool TrySnapshot(ref RecordingCursor cursor)
    {
        if (Segment is null
            || !cursor.TryVarint(long.MaxValue, out var time)
            || !cursor.TryVarint((ulong)RecordingFormat.MaxInterval.Ticks, out var sample) || sample == 0
            || !cursor.TryVarint((ulong)RecordingFormat.MaxInterval.Ticks, out var aggregation) || aggregation < sample
            || !cursor.TryVarint((ulong)RecordingFormat.MaxInterval.Ticks, out var update) || update < aggregation
            || aggregation / sample > RecordingFormat.MaxSamples
            || (long)time < _time.Ticks
            || !cursor.TryVarint((ulong)(cursor.Left / LeastTargetBytes), out var count))
        {
            return false;
        }

        var intervals = new MonitoringIntervals(TimeSpan.FromTicks((long)sample), TimeSpan.FromTicks((long)aggregation), TimeSpan.FromTicks((long)update));
        var targets = new RecordedTarget[count];
        _seen.Clear();
        for (var i = 0; i < targets.Length; i++)
        {
            if (!TryTargetOfSnapshot(ref cursor, intervals.SamplesPerAggregation, out targets[i]!))
            {
                return false;
            }
        }

        _time = TimeSpan.FromTicks((long)time);
        Snapshot = new RecordedSnapshot(_time, intervals, targets);
        return true;
    }

    private bool TryTargetOfSnapshot(ref RecordingCursor cursor, uint samples, out RecordedTarget? target)
    {
        target = null;
        if (!cursor.TryVarint(int.MaxValue, out var id) || !_targets.TryGetValue((int)id, out var known) || !_seen.Add((int)id)
            || !cursor.TryByte(out var flags) || (flags & ~RecordingFormat.MappingFlag) != 0
            || !cursor.TryVarint(samples, out var missed)
            || !cursor.TryByte(out var shift) || shift > 63
            || !cursor.TryVarint((ulong)(cursor.Left / LeastRegionBytes), out var count))
        {
            return false;
        }

        var isMapping = (flags & RecordingFormat.MappingFlag) != 0;
        var regions = new RecordedRegion[count];
        ulong end = 0;
        for (var i = 0; i < regions.Length; i++)
        {
            ulong gap = 0;
            ulong partly = 0;
            if (!cursor.TryVarint(out var token) || token >> 1 > samples
                || ((token & 1) != 0 && !cursor.TryVarint(ulong.MaxValue >> shift, out gap))
                || !cursor.TryVarint(ulong.MaxValue >> shift, out var size) || size == 0
                || !cursor.TryVarint(uint.MaxValue, out var age)
                || (isMapping && !cursor.TryVarint(token >> 1, out partly)))
            {
                return false;
            }

            var (gapBytes, sizeBytes) = (gap << shift, size << shift);
            if (gapBytes > ulong.MaxValue - end || sizeBytes > ulong.MaxValue - end - gapBytes)
            {
                return false;
            }

            var start = end + gapBytes;
            end = start + sizeBytes;

            regions[i] = new RecordedRegion(start, end, (uint)(token >> 1), (uint)age, (uint)partly);
        }

        target = new RecordedTarget((int)id, known.Name, regions)
        {
            IsNew = known.IsNew,
            Granularity = isMapping ? ProbeGranularity.Mapping : ProbeGranularity.Page,
            MissedSamples = (uint)missed,
        };
        known.IsNew = false;
        return true;
    }

    /// <summary>Reads so many bytes, or as many as there are. The buffer grows with what was read, not with what a length claims.</summary>
    private int Fill(int from, int count)
    {
        var filled = from;
        while (filled < from + count)
        {
            if (filled == _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Min(_bytes.Length * 2, RecordingFormat.MaxBodyBytes + ChunkBytes));
            }

            var read = stream.Read(_bytes, filled, Math.Min(_bytes.Length, from + count) - filled);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled - from;
    }

    private bool IsEnd(int behind) => Fill(behind, 1) == 0;

    /// <summary>A file system may have made a file longer and not written the content when the machine went down.</summary>
    private bool IsZeroToTheEnd(int head)
    {
        var count = (ulong)head;
        if (_bytes.AsSpan(0, head).ContainsAnyExcept((byte)0))
        {
            return false;
        }

        while (Fill(0, ChunkBytes) is > 0 and var read)
        {
            if (_bytes.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return false;
            }

            count += (ulong)read;
        }

        DroppedBytes = count;
        return true;
    }

    private sealed class Target(string name)
    {
        public string Name { get; } = name;

        public bool IsNew { get; set; } = true;
    }
}

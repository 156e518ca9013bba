using System.Text;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Recordings;

/// <summary>
/// Appends snapshots to a stream, one write for each record. It allocates nothing per snapshot once its buffers have grown. Not made for several threads.
/// </summary>
/// <remarks>The stream is the caller's: the writer never closes it, and does not hold back what it was given.</remarks>
public sealed class RecordingWriter
{
    private readonly Stream _stream;
    private readonly RecordingBuffer _record = new();
    private readonly HashSet<int> _named = [];
    private readonly HashSet<int> _seen = [];
    private ulong _offset;
    private TimeSpan _time;

    private RecordingWriter(Stream stream, ulong offset)
    {
        _stream = stream;
        _offset = offset;
    }

    /// <summary>Snapshots written.</summary>
    public ulong Snapshots { get; private set; }

    /// <summary>Bytes of the recording, with what was there before.</summary>
    public ulong LengthBytes => _offset;

    /// <summary>Whether nothing is written any more, because writing has failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Why the latest snapshot was not written, for people; empty where it was.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Begins a recording, or continues one: checks what is there, cuts a torn tail off, and begins a segment at the end.</summary>
    /// <param name="stream">Can be read, written and positioned; empty for a new recording. Stays open.</param>
    /// <param name="segment">What the new segment is.</param>
    /// <param name="cancellation">Ends the checking of a long file.</param>
    /// <returns>The writer, or why there is none: then the stream is as it was.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The segment's <see cref="RecordedSegment.Every"/> is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the stream is as it was.</exception>
    public static RecordingOpening Open(Stream stream, RecordedSegment segment, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(segment.Every, 1, nameof(segment));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(segment.Every, RecordingFormat.MaxEvery, nameof(segment));
        try
        {
            ulong offset = 0;
            ulong dropped = 0;
            if (stream.Length > 0)
            {
                stream.Position = 0;
                var reader = new RecordingReader(stream);
                RecordingReadOutcome outcome;
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    outcome = reader.Read();
                }
                while (outcome == RecordingReadOutcome.Snapshot);

                if (outcome is not (RecordingReadOutcome.End or RecordingReadOutcome.TornTail))
                {
                    return new RecordingOpening(null, 0, reader.Error);
                }

                if (reader.Revision > RecordingFormat.Revision)
                {
                    return new RecordingOpening(null, 0, $"has the revision {reader.Revision} of the format, and only {RecordingFormat.Revision} can be continued");
                }

                offset = reader.GoodBytes;
                dropped = reader.DroppedBytes;
                stream.SetLength((long)offset);
            }

            stream.Position = (long)offset;
            var writer = new RecordingWriter(stream, offset);
            return writer.BeginSegment(segment) ? new RecordingOpening(writer, dropped, "") : new RecordingOpening(null, 0, writer.LastError);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new RecordingOpening(null, 0, e.Message);
        }
    }

    /// <summary>Says that a number means a new target from the next snapshot on.</summary>
    /// <param name="id">The number, not negative.</param>
    /// <param name="name">For people; cut at 255 bytes of UTF-8.</param>
    /// <returns>How it went; never <see cref="RecordingWriteOutcome.NotRecordable"/>.</returns>
    public RecordingWriteOutcome AppendTarget(int id, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        if (HasFailed)
        {
            return RecordingWriteOutcome.Failed;
        }

        Span<byte> utf8 = stackalloc byte[RecordingFormat.MaxNameBytes];

        // Whole characters only; half of a surrogate pair becomes the replacement character.
        Encoding.UTF8.GetEncoder().Convert(name, utf8, flush: true, out _, out var length, out _);
        _record.Begin(RecordingFormat.TargetKind);
        _record.AddVarint((ulong)id);
        _record.AddVarint((ulong)length);
        _record.AddBytes(utf8[..length]);
        _named.Add(id);
        return Write() ? RecordingWriteOutcome.Written : RecordingWriteOutcome.Failed;
    }

    /// <summary>Appends what a session has found, at the end of one of its aggregations.</summary>
    /// <param name="session">The session; <see cref="AppendTarget"/> was called for every target of it.</param>
    /// <returns>How it went.</returns>
    public RecordingWriteOutcome Append(MonitoringSession session)
    {
        if (!BeginSnapshot(session.Elapsed, session.Intervals, session.Targets.Count))
        {
            return Refusal;
        }

        for (var i = 0; i < session.Targets.Count; i++)
        {
            var target = session.Targets[i];
            var regions = target.Regions;
            var samples = session.Intervals.SamplesPerAggregation;
            var isMapping = target.Probe.Granularity == ProbeGranularity.Mapping;
            if (!BeginTarget(target.Id, isMapping, samples - Math.Min(samples, target.ObservedSamples), ShiftOf(regions.Starts, regions.Ends), regions.Count, out var shift))
            {
                return Refusal;
            }

            var starts = regions.Starts;
            var ends = regions.Ends;
            var accesses = regions.Accesses;
            var ages = regions.Ages;
            var partly = regions.PartlyAccessed;
            ulong end = 0;
            for (var r = 0; r < starts.Length; r++)
            {
                var region = new RecordedRegion(starts[r], ends[r], Math.Min(samples, accesses[r]), ages[r], isMapping ? Math.Min(accesses[r], partly[r]) : 0);
                if (!TryAddRegion(region, samples, isMapping, shift, ref end))
                {
                    return Refusal;
                }
            }
        }

        return EndSnapshot(session.Elapsed);
    }

    /// <summary>Appends a snapshot, with the records of its new targets.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <returns>How it went.</returns>
    public RecordingWriteOutcome Append(RecordedSnapshot snapshot)
    {
        foreach (var target in snapshot.Targets)
        {
            if (target.Id < 0)
            {
                return Refuse($"the target {target.Id} has a negative number");
            }

            if ((target.IsNew || !_named.Contains(target.Id)) && AppendTarget(target.Id, target.Name) == RecordingWriteOutcome.Failed)
            {
                return RecordingWriteOutcome.Failed;
            }
        }

        if (!BeginSnapshot(snapshot.Time, snapshot.Intervals, snapshot.Targets.Count))
        {
            return Refusal;
        }

        var samples = snapshot.Intervals.SamplesPerAggregation;
        foreach (var target in snapshot.Targets)
        {
            var isMapping = target.Granularity == ProbeGranularity.Mapping;
            if (!BeginTarget(target.Id, isMapping, Math.Min(samples, target.MissedSamples), ShiftOf(target.Regions.Span), target.Regions.Length, out var shift))
            {
                return Refusal;
            }

            ulong end = 0;
            foreach (var region in target.Regions.Span)
            {
                if (!TryAddRegion(region, samples, isMapping, shift, ref end))
                {
                    return Refusal;
                }
            }
        }

        return EndSnapshot(snapshot.Time);
    }

    private RecordingWriteOutcome Refusal => HasFailed ? RecordingWriteOutcome.Failed : RecordingWriteOutcome.NotRecordable;

    private bool BeginSegment(RecordedSegment segment)
    {
        if (_offset == 0)
        {
            Span<byte> header = stackalloc byte[RecordingFormat.HeaderBytes];
            RecordingFormat.WriteHeader(header);
            _stream.Write(header);
            _offset = RecordingFormat.HeaderBytes;
        }

        _record.Begin(RecordingFormat.SegmentKind);
        _record.AddVarint(segment.Began is { } began && began > DateTimeOffset.UnixEpoch ? (ulong)(began - DateTimeOffset.UnixEpoch).Ticks : 0);
        _record.AddVarint((ulong)segment.Every);
        _record.AddByte(segment.SchemesResetAges ? RecordingFormat.ResetAgesFlag : (byte)0);
        return Write();
    }

    private bool BeginSnapshot(TimeSpan time, in MonitoringIntervals intervals, int targets)
    {
        if (HasFailed)
        {
            return false;
        }

        if (time < _time)
        {
            Refuse($"the time {time} lies before that of the snapshot before, {_time}");
            return false;
        }

        if (!RecordingFormat.IsRecordable(intervals))
        {
            Refuse("the intervals are above 720 hours, or there are more than 1,000,000 samples in an aggregation");
            return false;
        }

        _seen.Clear();
        _record.Begin(RecordingFormat.SnapshotKind);
        _record.AddVarint((ulong)time.Ticks);
        _record.AddVarint((ulong)intervals.Sample.Ticks);
        _record.AddVarint((ulong)intervals.Aggregation.Ticks);
        _record.AddVarint((ulong)intervals.Update.Ticks);
        _record.AddVarint((ulong)targets);
        return true;
    }

    private bool BeginTarget(int id, bool isMapping, uint missed, int wantedShift, int regions, out int shift)
    {
        shift = wantedShift;
        if (!_named.Contains(id) || !_seen.Add(id))
        {
            Refuse($"the target {id} has no name, or stands twice");
            return false;
        }

        _record.AddVarint((ulong)id);
        _record.AddByte(isMapping ? RecordingFormat.MappingFlag : (byte)0);
        _record.AddVarint(missed);
        _record.AddByte((byte)shift);
        _record.AddVarint((ulong)regions);
        return true;
    }

    private bool TryAddRegion(in RecordedRegion region, uint samples, bool isMapping, int shift, ref ulong end)
    {
        if (region.End <= region.Start || region.Start < end || region.Accesses > samples || region.PartlyAccessed > region.Accesses)
        {
            Refuse($"the region {region.Range} is empty, does not follow the one before, or has more accesses than there are samples");
            return false;
        }

        var gap = (region.Start - end) >> shift;
        _record.AddVarint(((ulong)region.Accesses << 1) | (gap > 0 ? 1UL : 0));
        if (gap > 0)
        {
            _record.AddVarint(gap);
        }

        _record.AddVarint(region.SizeBytes >> shift);
        _record.AddVarint(region.Age);
        if (isMapping)
        {
            _record.AddVarint(region.PartlyAccessed);
        }

        end = region.End;
        if (_record.BodyBytes <= RecordingFormat.MaxBodyBytes)
        {
            return true;
        }

        Refuse($"it is larger than {RecordingFormat.MaxBodyBytes >> 20} MiB");
        return false;
    }

    private RecordingWriteOutcome EndSnapshot(TimeSpan time)
    {
        if (_record.BodyBytes > RecordingFormat.MaxBodyBytes)
        {
            return Refuse($"it is larger than {RecordingFormat.MaxBodyBytes >> 20} MiB");
        }

        if (!Write())
        {
            return RecordingWriteOutcome.Failed;
        }

        _time = time;
        LastError = "";
        Snapshots++;
        return RecordingWriteOutcome.Written;
    }

    private RecordingWriteOutcome Refuse(string error)
    {
        LastError = error;
        return Refusal;
    }

    private bool Write()
    {
        var bytes = _record.Close(_offset);
        try
        {
            _stream.Write(bytes);
            _offset += (ulong)bytes.Length;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            HasFailed = true;
            LastError = e.Message;
        }

        try
        {
            // What was half written would be dropped by every reader; without it the file is simply whole.
            _stream.SetLength((long)_offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            // The first error says why; the tail is a torn one.
        }

        return false;
    }

    /// <summary>How many low bits are zero in every address of a target.</summary>
    private static int ShiftOf(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends)
    {
        ulong bits = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            bits |= starts[i] | ends[i];
        }

        return Math.Min(63, (int)ulong.TrailingZeroCount(bits));
    }

    private static int ShiftOf(ReadOnlySpan<RecordedRegion> regions)
    {
        ulong bits = 0;
        foreach (var region in regions)
        {
            bits |= region.Start | region.End;
        }

        return Math.Min(63, (int)ulong.TrailingZeroCount(bits));
    }
}

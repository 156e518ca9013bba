using System.Buffers.Binary;
using System.Numerics;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Recordings;

/// <summary>The numbers of the file format, which docs/reference/recording.md describes.</summary>
internal static class RecordingFormat
{
    public const int HeaderBytes = 16;
    public const ushort Version = 1;
    public const ushort Revision = 0;

    /// <summary>Length and its checksum.</summary>
    public const int RecordHeadBytes = 8;

    public const int ChecksumBytes = 4;
    public const int MaxBodyBytes = 64 << 20;
    public const int MaxNameBytes = 255;
    public const int MaxEvery = ushort.MaxValue;
    public const uint MaxSamples = 1_000_000;

    public const byte SegmentKind = 1;
    public const byte TargetKind = 2;
    public const byte SnapshotKind = 3;

    public const byte ResetAgesFlag = 1;
    public const byte MappingFlag = 1;

    public static readonly TimeSpan MaxInterval = TimeSpan.FromHours(720);

    public static ReadOnlySpan<byte> Magic => [0x89, 0x44, 0x4D, 0x4E, 0x52, 0x0D, 0x0A, 0x1A];

    public static void WriteHeader(Span<byte> header)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], Revision);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Checksum(header[..12]));
    }

    /// <summary>The checksum of a record's length, bound to the place where the record lies: a shifted or repeated piece of the file does not pass for a record.</summary>
    public static uint HeadChecksum(uint length, ulong offset)
    {
        Span<byte> bytes = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[4..], offset);
        return Checksum(bytes);
    }

    /// <summary>CRC-32C, with the usual all-ones at the beginning and the end.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    /// <summary>Whether intervals can be recorded, and then read.</summary>
    public static bool IsRecordable(in MonitoringIntervals intervals) =>
        intervals.Sample > TimeSpan.Zero && intervals.Sample <= intervals.Aggregation && intervals.Aggregation <= intervals.Update
        && intervals.Update <= MaxInterval && intervals.Aggregation.Ticks / intervals.Sample.Ticks <= MaxSamples;
}

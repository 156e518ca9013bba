using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Ledger;

/// <summary>
/// The bytes of a ledger: records one after the other, each a marker, the length of its body, the CRC-32C of the body, and the body. All numbers are little endian; texts are their length in bytes (16
/// bits) and UTF-8. What is torn or damaged is passed over to the next record whose checksum fits.
/// </summary>
internal static class LedgerFormat
{
    public const int HeaderBytes = 12;

    /// <summary>Above any record; a length beyond it is damage.</summary>
    public const int MaxBodyBytes = 16 * 1024;

    /// <summary>The longest text; a path of the kernel is shorter.</summary>
    private const int MaxTextBytes = 4096;

    private const byte FileChangeKind = 1;
    private const byte PageMoveKind = 2;

    /// <summary><see cref="PageMove.SeveralNodes"/>, as a number.</summary>
    private const ulong SeveralNodes = ulong.MaxValue;

    private static ReadOnlySpan<byte> Marker => "DLr1"u8;

    /// <summary>Whether a change fits a record: its texts are not too long.</summary>
    public static bool Fits(LedgerChange change) => Texts(change).All(text => Encoding.UTF8.GetByteCount(text) <= MaxTextBytes / 2);

    /// <summary>Appends a record.</summary>
    public static void Write(List<byte> to, LedgerEntry entry)
    {
        var body = new Writer([]);
        body.Add((byte)entry.Kind);
        body.Add(entry.Id);
        switch (entry.Kind)
        {
            case LedgerEntryKind.Intent:
                Write(ref body, entry.Change!);
                break;
            case LedgerEntryKind.Irreversible:
                body.Add(entry.Text);
                body.Add((byte)entry.Action);
                body.Add(entry.Bytes);
                break;
            default:
                body.Add(entry.Text);
                break;
        }

        var bytes = body.Bytes.ToArray();
        Span<byte> header = stackalloc byte[HeaderBytes];
        Marker.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Checksum(bytes));
        to.AddRange(header);
        to.AddRange(bytes);
    }

    /// <summary>Takes the next whole record off the front.</summary>
    /// <param name="rest">What is left.</param>
    /// <param name="entry">The record.</param>
    /// <param name="damagedBytes">How many bytes in front of it belong to none.</param>
    /// <returns>False where there is no further one; the damaged bytes are then all that was left.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> rest, [NotNullWhen(true)] out LedgerEntry? entry, out int damagedBytes)
    {
        var begin = rest;
        while (true)
        {
            var at = rest.IndexOf(Marker);
            if (at < 0)
            {
                entry = null;
                damagedBytes = begin.Length;
                rest = default;
                return false;
            }

            rest = rest[at..];
            if (TryReadHere(rest, out entry, out var length))
            {
                damagedBytes = begin.Length - rest.Length;
                rest = rest[length..];
                return true;
            }

            rest = rest[1..];
        }
    }

    private static bool TryReadHere(ReadOnlySpan<byte> from, [NotNullWhen(true)] out LedgerEntry? entry, out int length)
    {
        entry = null;
        length = 0;
        if (from.Length < HeaderBytes)
        {
            return false;
        }

        var bodyLength = BinaryPrimitives.ReadInt32LittleEndian(from[4..]);
        if (bodyLength is < 9 or > MaxBodyBytes || from.Length - HeaderBytes < bodyLength)
        {
            return false;
        }

        var body = from.Slice(HeaderBytes, bodyLength);
        length = HeaderBytes + bodyLength;
        return Checksum(body) == BinaryPrimitives.ReadUInt32LittleEndian(from[8..]) && TryReadBody(body, out entry);
    }

    private static bool TryReadBody(ReadOnlySpan<byte> body, [NotNullWhen(true)] out LedgerEntry? entry)
    {
        entry = null;
        var reader = new Reader(body);
        var kind = (LedgerEntryKind)reader.Byte();
        var id = reader.Number();
        switch (kind)
        {
            case LedgerEntryKind.Intent:
                var change = ReadChange(ref reader);
                entry = change is null ? null : new LedgerEntry(kind, id) { Change = change };
                break;
            case LedgerEntryKind.Irreversible:
                var scheme = reader.Text();
                var action = (SchemeAction)reader.Byte();
                entry = Enum.IsDefined(action) ? new LedgerEntry(kind, id) { Text = scheme, Action = action, Bytes = reader.Number() } : null;
                break;
            case LedgerEntryKind.Boot or LedgerEntryKind.Applied or LedgerEntryKind.Settled or LedgerEntryKind.Rebased:
                entry = new LedgerEntry(kind, id) { Text = reader.Text() };
                break;
        }

        entry = reader.IsAtEnd ? entry : null;
        return entry is not null;
    }

    private static void Write(ref Writer body, LedgerChange change)
    {
        switch (change)
        {
            case FileChange file:
                body.Add(FileChangeKind);
                body.Add(file.Scheme);
                body.Add(file.Pod);
                body.Add(file.Path);
                body.Add(file.Identity.Device);
                body.Add(file.Identity.Inode);
                body.Add(file.Before);
                body.Add(file.After);
                break;
            case PageMove move:
                body.Add(PageMoveKind);
                body.Add(move.Scheme);
                body.Add(move.Pod);
                body.Add((ulong)move.Process.Pid);
                body.Add(move.Process.StartTimeTicks);
                body.Add(move.Range.Start);
                body.Add(move.Range.End);
                body.Add((ulong)move.From);
                body.Add(move.To == PageMove.SeveralNodes ? SeveralNodes : (ulong)move.To);
                break;
            default:
                throw new ArgumentException($"A ledger has no form for {change.GetType()}.", nameof(change));
        }
    }

    private static LedgerChange? ReadChange(ref Reader reader)
    {
        var kind = reader.Byte();
        var scheme = reader.Text();
        var pod = reader.Text();
        if (kind == FileChangeKind)
        {
            return new FileChange(scheme, pod, reader.Text(), new FileIdentity(reader.Number(), reader.Number()), reader.Text(), reader.Text());
        }

        ulong pid = reader.Number(), startTime = reader.Number(), start = reader.Number(), end = reader.Number(), from = reader.Number(), to = reader.Number();
        return kind == PageMoveKind && pid is > 0 and <= int.MaxValue && start < end && from <= int.MaxValue && (to <= int.MaxValue || to == SeveralNodes)
            ? new PageMove(scheme, pod, new ProcessIdentity((int)pid, startTime), new AddressRange(start, end), (int)from, to == SeveralNodes ? PageMove.SeveralNodes : (int)to)
            : null;
    }

    private static IEnumerable<string> Texts(LedgerChange change) =>
        change is FileChange file ? [file.Scheme, file.Pod, file.Path, file.Before, file.After] : [change.Scheme, change.Pod];

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    private readonly ref struct Writer(List<byte> bytes)
    {
        public List<byte> Bytes => bytes;

        public void Add(byte value) => bytes.Add(value);

        public void Add(ulong value)
        {
            Span<byte> number = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            bytes.AddRange(number);
        }

        public void Add(string text)
        {
            var encoded = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)encoded.Length));
            bytes.AddRange(length);
            bytes.AddRange(encoded);
        }
    }

    /// <summary>Reads what is there; beyond the end it gives zeros, and never is at the end again.</summary>
    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;
        private bool _isBeyond;

        public readonly bool IsAtEnd => !_isBeyond && _rest.IsEmpty;

        public byte Byte() => Take(1) is [var value] ? value : (byte)0;

        public ulong Number() => Take(sizeof(ulong)) is { Length: sizeof(ulong) } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

        public string Text()
        {
            var length = Take(sizeof(ushort)) is { Length: sizeof(ushort) } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : 0;
            return Encoding.UTF8.GetString(Take(length));
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (_isBeyond || _rest.Length < count)
            {
                _isBeyond = true;
                return default;
            }

            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }
    }
}

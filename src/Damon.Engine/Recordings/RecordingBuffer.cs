using System.Buffers.Binary;

namespace Damon.Engine.Recordings;

/// <summary>A record while it is put together. Keeps its memory from record to record.</summary>
internal sealed class RecordingBuffer
{
    private const int MaxVarintBytes = 10;

    private byte[] _bytes = new byte[4096];
    private int _length;

    public int BodyBytes => _length - RecordingFormat.RecordHeadBytes;

    public void Begin(byte kind)
    {
        _length = RecordingFormat.RecordHeadBytes;
        AddByte(kind);
    }

    public void AddByte(byte value)
    {
        Reserve(1);
        _bytes[_length++] = value;
    }

    public void AddVarint(ulong value)
    {
        Reserve(MaxVarintBytes);
        while (value >= 0x80)
        {
            _bytes[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[_length++] = (byte)value;
    }

    public void AddBytes(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Closes the record that will lie at an offset of the file.</summary>
    public ReadOnlySpan<byte> Close(ulong offset)
    {
        var body = (uint)BodyBytes;
        Reserve(RecordingFormat.ChecksumBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, body);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(4), RecordingFormat.HeadChecksum(body, offset));
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(_length), RecordingFormat.Checksum(_bytes.AsSpan(RecordingFormat.RecordHeadBytes, (int)body)));
        return _bytes.AsSpan(0, _length + RecordingFormat.ChecksumBytes);
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }
    }
}

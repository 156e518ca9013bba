using System.Buffers;

namespace Damon.Kubernetes.Requests;

/// <summary>What has been read of a stream and not yet been used. Grows to what one unit needs and no further.</summary>
internal sealed class StreamBuffer(Stream stream, int maxBytes) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    public void Consume(int count) => _start += count;

    /// <summary>Reads more.</summary>
    /// <returns>False at the stream's end.</returns>
    /// <exception cref="InvalidDataException">A single unit is larger than may be.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        if (_end == _bytes.Length)
            Grow();
        var read = await stream.ReadAsync(_bytes.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
    }

    private void Grow()
    {
        if (_bytes.Length >= maxBytes)
            throw new InvalidDataException($"More than {maxBytes} bytes in one piece.");
        var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
        _bytes.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

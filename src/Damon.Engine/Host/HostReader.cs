namespace Damon.Engine.Host;

/// <summary>
/// A buffer for files of the kernel, whose size is only known once they are read. It grows to the largest file read so far and is then reused: a periodic read allocates
/// nothing. It never grows above its bound; a longer file is an error, not a cut one, because half of a list of mappings looks like unmapped memory.
/// </summary>
/// <param name="maxBytes">The bound, in bytes; a file must be shorter.</param>
public sealed class HostReader(int maxBytes = HostReader.DefaultMaxBytes)
{
    /// <summary>
    /// 64 MiB: an address space at the kernel's default limit of 65,530 mappings has about 52 MiB of smaps, the longest file read here.
    /// </summary>
    public const int DefaultMaxBytes = 64 * 1024 * 1024;

    private byte[] _buffer = new byte[Math.Min(4096, maxBytes)];
    private int _length;

    /// <summary>What the last successful read gave; empty after a failed one.</summary>
    public ReadOnlySpan<byte> Content => _buffer.AsSpan(0, _length);

    /// <summary>Reads a file from its start to its end.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Its length in bytes.</returns>
    public HostResult<int> Read(HostFile file)
    {
        _length = 0;
        var filled = 0;
        while (true)
        {
            if (filled == _buffer.Length)
            {
                if (filled >= maxBytes)
                {
                    return new HostError(HostErrorKind.Malformed, file.Path, $"not shorter than {maxBytes} bytes");
                }

                Array.Resize(ref _buffer, (int)Math.Min((long)filled * 2, maxBytes));
            }

            var read = file.ReadAt(_buffer.AsSpan(filled), filled);
            if (!read.TryGet(out var count))
            {
                return read.Error;
            }

            if (count == 0)
            {
                return _length = filled;
            }

            filled += count;
        }
    }
}

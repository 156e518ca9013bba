using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>
/// An open file of the host that is read again and again. For <c>/proc/PID/*</c> an open file is also an identity: it stays bound to the process (and
/// maps, smaps and pagemap to its address space) it was opened for, and gives ESRCH or nothing once that is gone, even when the pid is used again.
/// </summary>
public sealed class HostFile : IDisposable
{
    private readonly FileDescriptor _descriptor;

    internal HostFile(FileDescriptor descriptor, string path)
    {
        _descriptor = descriptor;
        Path = path;
    }

    /// <summary>The path as on the host.</summary>
    public string Path { get; }

    /// <summary>Read calls made so far: what the file has cost, whatever the machine's speed.</summary>
    public long Reads { get; private set; }

    /// <summary>Write calls made so far.</summary>
    public long Writes { get; private set; }

    /// <summary>Reads at an offset, once: a file of the kernel may give less than asked.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="offset">Offset in bytes.</param>
    /// <returns>Bytes read; 0 at the end.</returns>
    public HostResult<int> ReadAt(Span<byte> buffer, long offset)
    {
        int read;
        do
        {
            Reads++;
            read = Native.ReadAt(_descriptor.Number, buffer, offset);
        }
        while (read == -Errno.EINTR);

        return read < 0 ? HostErrors.From(read, Path) : read;
    }

    /// <summary>Writes at an offset. A write that was interrupted is <see cref="HostErrorKind.TryAgain"/>: repeating it is the caller's decision.</summary>
    /// <param name="content">What.</param>
    /// <param name="offset">Offset in bytes.</param>
    /// <returns>Bytes written.</returns>
    public HostResult<int> WriteAt(ReadOnlySpan<byte> content, long offset)
    {
        Writes++;
        var written = Native.WriteAt(_descriptor.Number, content, offset);
        return written < 0 ? HostErrors.From(written, Path) : written;
    }

    /// <summary>Waits until what was written, or for a directory the names in it, is on the disk.</summary>
    /// <returns>0, or why not everything is there.</returns>
    public HostResult<int> Flush()
    {
        var result = Native.Sync(_descriptor.Number);
        return result < 0 ? HostErrors.From(result, Path) : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();
}

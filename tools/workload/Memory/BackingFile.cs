using Microsoft.Win32.SafeHandles;

namespace Damon.Workload.Memory;

/// <summary>A file of the tool's own that backs one region, gone with it.</summary>
internal sealed class BackingFile : IDisposable
{
    private const int ChunkBytes = 1 << 20;

    private readonly SafeFileHandle _handle;

    /// <exception cref="IOException">The disk has no room for it.</exception>
    public BackingFile(string path, ulong sizeBytes)
    {
        Path = path;
        SizeBytes = sizeBytes;
        _handle = ToolFiles.CreateNew(path, checked((long)sizeBytes));
    }

    public string Path { get; }

    public ulong SizeBytes { get; }

    public SafeFileHandle Handle => _handle;

    /// <summary>
    /// Writes the whole file and brings it to the disk: a hole would be backed by nothing, and a page that still waits to be written cannot simply be
    /// given back.
    /// </summary>
    /// <exception cref="IOException">The disk has no room for it.</exception>
    public void Fill(CancellationToken cancellation)
    {
        var chunk = new byte[ChunkBytes];
        // Any content but zeros, which a file system may keep as a hole.
        for (var index = 0; index < chunk.Length; index++)
            chunk[index] = (byte)((index % byte.MaxValue) + 1);

        var size = (long)SizeBytes;
        for (long offset = 0; offset < size && !cancellation.IsCancellationRequested; offset += ChunkBytes)
            RandomAccess.Write(_handle, chunk.AsSpan(0, (int)Math.Min(ChunkBytes, size - offset)), offset);
        RandomAccess.FlushToDisk(_handle);
    }

    public void Dispose()
    {
        _handle.Dispose();
        ToolFiles.DeleteFile(Path);
    }
}

using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.Engine.KernelDamon;

/// <summary>
/// The file of the owner record and the lock beside it. The lock is the kernel's and goes with its process, however that ends: it decides between two agents that start at the same
/// moment, which the record alone cannot.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "HostRoot creates nothing; this is the one file that the product itself keeps on a host.")]
internal sealed class OwnerRecordFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Writable = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private readonly HostRoot _host;
    private readonly string _path;
    private readonly string _full;
    private FileStream? _lock;

    /// <summary>A file that may not be there yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="path">Absolute, as on the host.</param>
    /// <exception cref="ArgumentException">The path is not absolute, or climbs.</exception>
    public OwnerRecordFile(HostRoot host, string path)
    {
        if (!path.StartsWith('/') || path.EndsWith('/') || path.Split('/').Contains("..", StringComparer.Ordinal))
        {
            throw new ArgumentException($"The owner record is at an absolute path without '..', not at '{path}'.", nameof(path));
        }

        _host = host;
        _path = path;
        _full = host.Path.TrimEnd('/') + path;
    }

    /// <summary>Reads the record; null where there is none, or something else is there.</summary>
    public OwnerRecord? Read()
    {
        try
        {
            // Who may write here may have kdamonds turned off: what others could have written is not believed.
            if ((File.GetUnixFileMode(_full) & Writable) != UnixFileMode.None)
            {
                return null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        var reader = new HostReader(maxBytes: 1024 * 1024);
        return _host.Read(_path, reader).IsOk ? OwnerRecord.Parse(reader.Content) : null;
    }

    /// <summary>Takes the lock.</summary>
    /// <returns>Busy where another process has it.</returns>
    public HostResult<int> Lock()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_full)!, OwnerOnly | UnixFileMode.UserExecute);
            _lock ??= new FileStream(
                _full + ".lock",
                new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly, BufferSize = 0 });
            return 0;
        }
        catch (UnauthorizedAccessException e)
        {
            return new HostError(HostErrorKind.Denied, _path, e.Message);
        }
        catch (DirectoryNotFoundException e)
        {
            return new HostError(HostErrorKind.Vanished, _path, e.Message);
        }
        catch (IOException e)
        {
            // A lock that is held is an IOException of no kind of its own; anything else is rarer, and waiting is right for it too.
            return new HostError(HostErrorKind.Busy, _path, e.Message);
        }
    }

    /// <summary>Replaces the record: readers see the old one or the new one. Not flushed to a disk, because after a boot it means nothing.</summary>
    /// <param name="record">The new one.</param>
    public HostResult<int> Write(OwnerRecord record)
    {
        var json = record.ToJson();
        var next = _full + ".new";
        try
        {
            File.Delete(next);
            using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                stream.Write(json);
            }

            File.Move(next, _full, overwrite: true);
            return json.Length;
        }
        catch (UnauthorizedAccessException e)
        {
            return new HostError(HostErrorKind.Denied, _path, e.Message);
        }
        catch (IOException e)
        {
            return new HostError(HostErrorKind.Failed, _path, e.Message);
        }
    }

    /// <summary>Removes the record.</summary>
    public HostResult<int> Delete()
    {
        try
        {
            File.Delete(_full);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new HostError(HostErrorKind.Failed, _path, e.Message);
        }
    }

    /// <summary>Gives the lock back. The lock's file stays: removing it would let two processes hold two files of the same name.</summary>
    public void Unlock()
    {
        _lock?.Dispose();
        _lock = null;
    }

    public void Dispose() => Unlock();
}

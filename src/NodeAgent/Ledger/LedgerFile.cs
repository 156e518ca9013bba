using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.NodeAgent.Ledger;

/// <summary>
/// The ledger's file, with a lock beside it that goes with its process, however that ends. Nothing is flushed to a disk: everything in a ledger is about this run of the kernel, and what a process has
/// written outlives its end in the kernel's memory; only a crash of the machine loses it, and with it what it was about.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "HostRoot creates nothing; this is a file that the product itself keeps on a host.")]
internal sealed class LedgerFile : ILedgerDisk
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly string _path;
    private readonly FileStream _lock;
    private FileStream? _file;

    private LedgerFile(string path, FileStream held) => (_path, _lock) = (path, held);

    /// <summary>Takes the lock and makes the folder where it is missing.</summary>
    /// <param name="path">Absolute: the product's own file, not below the host root.</param>
    /// <returns><see cref="HostErrorKind.Busy"/> where another process has it.</returns>
    public static HostResult<LedgerFile> Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly, BufferSize = 0 };
            return new LedgerFile(path, new FileStream(path + ".lock", options));
        }
        catch (UnauthorizedAccessException e)
        {
            return new HostError(HostErrorKind.Denied, path, e.Message);
        }
        catch (IOException e)
        {
            // A lock that is held is an IOException of no kind of its own; anything else is rarer, and waiting is right for it too.
            return new HostError(HostErrorKind.Busy, path, e.Message);
        }
    }

    public HostResult<byte[]> Read()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return Array.Empty<byte>();
            }

            // Undoing writes into the kernel's files with our rights: what others could have written is not believed.
            return (File.GetUnixFileMode(_path) & OthersWrite) != UnixFileMode.None
                ? new HostError(HostErrorKind.Denied, _path, "others may write it, so it is not believed")
                : File.ReadAllBytes(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new HostError(HostErrorKind.Failed, _path, e.Message);
        }
    }

    public HostError WriteAt(long offset, ReadOnlySpan<byte> content)
    {
        try
        {
            _file ??= new FileStream(_path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = OwnerOnly, BufferSize = 0 });
            RandomAccess.Write(_file.SafeFileHandle, content, offset);
            return default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new HostError(HostErrorKind.Failed, _path, e.Message);
        }
    }

    public HostError Replace(ReadOnlySpan<byte> content)
    {
        var next = _path + ".new";
        try
        {
            File.Delete(next);
            using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                stream.Write(content);
            }

            _file?.Dispose();
            _file = null;
            File.Move(next, _path, overwrite: true);
            return default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new HostError(HostErrorKind.Failed, _path, e.Message);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _lock.Dispose();
    }
}

using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.NodeAgent.Plans;

/// <summary>
/// A small file that is replaced as a whole and survives a crash at any moment: written beside, flushed, renamed over the old one, and the folder flushed. It is believed only where
/// nobody else can have written it. What goes wrong is a value whose detail says what would help.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "HostRoot creates nothing; this file is the product's own.")]
internal sealed class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int ReadOnlyFileSystem = 30;

    private readonly HostRoot _host;
    private readonly string _path;
    private readonly string _folder;
    private readonly string _full;
    private readonly int _maxBytes;
    private readonly uint _userId;

    /// <summary>A file that may not be there yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="path">Absolute, as on the host, in a folder of its own.</param>
    /// <param name="maxBytes">A longer one is not read.</param>
    /// <param name="userId">Whose it must be; null is the user of this process.</param>
    /// <exception cref="ArgumentException">The path is not absolute, or climbs.</exception>
    public DurableFile(HostRoot host, string path, int maxBytes, uint? userId = null)
    {
        if (path.LastIndexOf('/') <= 0 || !path.StartsWith('/') || path.EndsWith('/') || path.Split('/').Contains("..", StringComparer.Ordinal))
        {
            throw new ArgumentException($"A file is kept at an absolute path in a folder, without '..', not at '{path}'.", nameof(path));
        }

        _host = host;
        _path = path;
        _folder = path[..path.LastIndexOf('/')];
        _full = host.Path.TrimEnd('/') + path;
        _maxBytes = maxBytes;
        _userId = userId ?? FileOwner.CurrentUserId;
    }

    /// <summary>Reads the file.</summary>
    /// <returns>Its content; Vanished where there is none, Denied where it is not to be believed.</returns>
    public HostResult<byte[]> Read()
    {
        foreach (var (path, isFile) in new[] { (_folder, false), (_path, true) })
        {
            var owner = _host.ReadOwner(path);
            if (!owner.TryGet(out var found))
            {
                return owner.Error;
            }

            if (found.UserId != _userId)
            {
                return Denied(path, $"belongs to the user {found.UserId}, not {_userId}; remove it, or run as its owner");
            }

            if (found.IsWritableByOthers)
            {
                return Denied(path, "others may write to it, so it is not believed; take that right away and remove the file");
            }

            if (isFile && (!found.IsRegularFile || new FileInfo(_full).LinkTarget is not null))
            {
                return Denied(path, "is no plain file; remove it");
            }
        }

        var reader = new HostReader(_maxBytes + 1);
        var read = _host.Read(_path, reader);
        return read.IsOk ? reader.Content.ToArray() : read.Error with { Detail = $"{read.Error.Detail}; remove it" };
    }

    /// <summary>Replaces the file: after a crash there is the old one or the new one.</summary>
    /// <param name="content">What.</param>
    /// <returns>The bytes written.</returns>
    public HostResult<int> Replace(ReadOnlySpan<byte> content)
    {
        var next = _full + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_full)!, OwnerOnly | UnixFileMode.UserExecute);

            // Whatever a predecessor or somebody else has left there is removed, never followed: the new file is created or it is an error.
            File.Delete(next);
            using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0 }))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(next, _full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Explain(e, _path);
        }

        // Without this the rename itself may be lost with the power.
        var opened = _host.Open(_folder);
        if (!opened.TryGet(out var folder))
        {
            return opened.Error;
        }

        using (folder)
        {
            var flushed = folder.Flush();
            return flushed.IsOk ? content.Length : flushed.Error;
        }
    }

    /// <summary>What an exception of a file means, and what would help.</summary>
    internal static HostError Explain(Exception exception, string path) => exception switch
    {
        UnauthorizedAccessException => Denied(path, "may not be written; make its folder the agent's own, or mount a writable volume there"),
        DirectoryNotFoundException => new(HostErrorKind.Vanished, path, "its folder is gone; mount a writable volume there"),
        IOException { HResult: NoSpace } => new(HostErrorKind.Failed, path, "the disk is full; free some space", NoSpace),
        IOException { HResult: QuotaExceeded } => new(HostErrorKind.Failed, path, "the quota of the disk is used up; raise it", QuotaExceeded),
        IOException { HResult: ReadOnlyFileSystem } => new(HostErrorKind.Denied, path, "the file system is read-only; mount a writable volume there", ReadOnlyFileSystem),
        _ => new(HostErrorKind.Failed, path, exception.Message, exception.HResult),
    };

    private static HostError Denied(string path, string detail) => new(HostErrorKind.Denied, path, detail);
}

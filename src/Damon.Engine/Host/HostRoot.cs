using System.Text;
using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>
/// Where the host's /proc, /sys and /sys/fs/cgroup are. Everything this product reads or writes of a host goes through one of these, so that a container with the
/// host mounted elsewhere, a recorded tree and a test all look alike.
/// </summary>
public sealed class HostRoot
{
    private const int DirectoryBufferBytes = 32 * 1024;
    private readonly string _prefix;

    /// <summary>A root.</summary>
    /// <param name="path">An absolute path; "/" is the machine itself.</param>
    /// <exception cref="ArgumentException">The path is not absolute.</exception>
    public HostRoot(string path = "/")
    {
        if (!path.StartsWith('/'))
        {
            throw new ArgumentException($"A host root is an absolute path, not '{path}'.", nameof(path));
        }

        Path = path;
        _prefix = path.TrimEnd('/');
    }

    /// <summary>The path given.</summary>
    public string Path { get; }

    /// <summary>Whether something is at the path, of whatever kind.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    public bool Exists(string path) => Identify(path).IsOk;

    /// <summary>Device and inode of what is at a path, links followed.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    public HostResult<FileIdentity> Identify(string path)
    {
        if (!IsPlain(path))
        {
            return NotPlain(path);
        }

        var result = Native.Identify(_prefix + path, out var device, out var inode);
        return result < 0 ? HostErrors.From(result, path) : new FileIdentity(device, inode);
    }

    /// <summary>Owner and mode of what is at a path, links followed.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    public HostResult<FileOwner> ReadOwner(string path)
    {
        if (!IsPlain(path))
        {
            return NotPlain(path);
        }

        var result = Native.Describe(_prefix + path, out var user, out var mode);
        return result < 0 ? HostErrors.From(result, path) : new FileOwner(user, mode);
    }

    /// <summary>Why a path could not be written; no error where it could. Opens and writes nothing, and looks at the user's rights only, not at capabilities.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    public HostError WhyNotWritable(string path)
    {
        if (!IsPlain(path))
        {
            return NotPlain(path);
        }

        var result = Native.CheckWritable(_prefix + path);
        return result < 0 ? HostErrors.From(result, path) : default;
    }

    /// <summary>Opens a file that exists. Nothing is ever created.</summary>
    /// <param name="path">Absolute, as on the host, for example <c>/proc/42/maps</c>.</param>
    /// <param name="access">What will be done with it.</param>
    public HostResult<HostFile> Open(string path, HostFileAccess access = HostFileAccess.Read)
    {
        if (!IsPlain(path))
        {
            return NotPlain(path);
        }

        var full = _prefix + path;
        var descriptor = access switch
        {
            HostFileAccess.Read => Native.OpenToRead(full),
            HostFileAccess.Write => Native.OpenToWrite(full),
            _ => Native.OpenToReadAndWrite(full),
        };
        return descriptor < 0 ? HostErrors.From(descriptor, path) : new HostFile(new FileDescriptor(descriptor), path);
    }

    /// <summary>Opens, reads to the end and closes: for what is read once, not for what is read again and again.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    /// <param name="reader">Holds the content afterwards.</param>
    /// <returns>How many bytes there are.</returns>
    public HostResult<int> Read(string path, HostReader reader)
    {
        var opened = Open(path);
        if (!opened.TryGet(out var file))
        {
            return opened.Error;
        }

        using (file)
        {
            return reader.Read(file);
        }
    }

    /// <summary>Reads a short file as text, without the closing newline.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    public HostResult<string> ReadText(string path)
    {
        var reader = new HostReader(maxBytes: 1024 * 1024);
        var read = Read(path, reader);
        return read.IsOk ? Encoding.UTF8.GetString(reader.Content).TrimEnd('\n') : read.Error;
    }

    /// <summary>Lists a directory, without "." and "..", in the order the kernel gives.</summary>
    /// <param name="path">Absolute, as on the host.</param>
    /// <param name="entries">Is cleared, then filled.</param>
    /// <param name="maxEntries">Listing stops there: a hostile or runaway tree costs no more than this.</param>
    /// <returns>How many entries were listed.</returns>
    public HostResult<int> List(string path, ICollection<HostDirectoryEntry> entries, int maxEntries = 1_000_000)
    {
        entries.Clear();
        if (!IsPlain(path))
        {
            return NotPlain(path);
        }

        var descriptor = Native.OpenDirectory(_prefix + path);
        if (descriptor < 0)
        {
            return HostErrors.From(descriptor, path);
        }

        using var owned = new FileDescriptor(descriptor);
        var buffer = new byte[DirectoryBufferBytes];
        while (true)
        {
            var filled = Native.ReadDirectory(descriptor, buffer);
            if (filled == 0)
            {
                return entries.Count;
            }

            if (filled < 0)
            {
                return HostErrors.From(filled, path);
            }

            for (var rest = (ReadOnlySpan<byte>)buffer.AsSpan(0, filled); rest.Length > DirectoryEntryLayout.Name;)
            {
                int length = BitConverter.ToUInt16(rest[DirectoryEntryLayout.RecordLength..]);
                if (length <= DirectoryEntryLayout.Name || length > rest.Length)
                {
                    return new HostError(HostErrorKind.Malformed, path, "directory entry of impossible length");
                }

                var name = rest[DirectoryEntryLayout.Name..length];
                var end = name.IndexOf((byte)0);
                name = end < 0 ? name : name[..end];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    if (entries.Count == maxEntries)
                    {
                        return entries.Count;
                    }

                    entries.Add(new HostDirectoryEntry(Encoding.UTF8.GetString(name), rest[DirectoryEntryLayout.Type] == DirectoryEntryLayout.TypeDirectory));
                }

                rest = rest[length..];
            }
        }
    }

    /// <summary>
    /// Paths are put together from what the kernel reports, and <c>/proc/PID/cgroup</c> shows "/.." for a process outside the reader's cgroup namespace:
    /// a path that climbs must never leave the root.
    /// </summary>
    private static bool IsPlain(string path) =>
        path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal) && !path.Contains("/../", StringComparison.Ordinal) && !path.EndsWith("/..", StringComparison.Ordinal);

    private static HostError NotPlain(string path) => new(HostErrorKind.Malformed, path, "not an absolute path without '..'");
}

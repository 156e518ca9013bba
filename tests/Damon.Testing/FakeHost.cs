using System.Buffers.Binary;
using System.Text;
using Damon.Engine.Host;

#pragma warning disable CA1416 // Linux only, like all of this product.
#pragma warning disable RS0030 // The fake is what stands behind HostRoot in tests: it has to write the tree.

namespace Damon.Testing;

/// <summary>
/// A host made of files in a temporary folder: a directory tree written in one expression, read through <see cref="Root"/>, gone when disposed.
/// </summary>
/// <remarks>
/// Ordinary files are not kernel files. Where it matters the fake does what the kernel shows: <see cref="Remove"/> empties files before it deletes them, so that a file held
/// open by the code under test gives nothing any more. The idle bitmap is a plain array: a written word replaces the old one, where the kernel only ever adds marks.
/// </remarks>
public sealed class FakeHost : IDisposable
{
    private const string IdleBitmap = "/sys/kernel/mm/page_idle/bitmap";
    private const string PageFlags = "/proc/kpageflags";

    public FakeHost()
    {
        Folder = Directory.CreateTempSubdirectory("damon-host-").FullName;
        Root = new HostRoot(Folder);
        Directory.CreateDirectory(Folder + "/proc");
    }

    /// <summary>The tree's folder.</summary>
    public string Folder { get; }

    /// <summary>The tree as the product sees it.</summary>
    public HostRoot Root { get; }

    /// <summary>A host with these files.</summary>
    public static FakeHost With(params ReadOnlySpan<(string Path, string Content)> files)
    {
        var host = new FakeHost();
        foreach (var (path, content) in files)
        {
            host.Write(path, content);
        }

        return host;
    }

    /// <summary>Writes a file, in place where it exists, so that whoever holds it open sees the change.</summary>
    public FakeHost Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    /// <summary>Writes a file.</summary>
    public FakeHost Write(string path, ReadOnlySpan<byte> content)
    {
        using var stream = Open(path);
        stream.SetLength(0);
        stream.Write(content);
        return this;
    }

    /// <summary>Writes a part of a file, which is made longer, with a hole, where needed.</summary>
    public FakeHost WriteAt(string path, long offset, ReadOnlySpan<byte> content)
    {
        using var stream = Open(path);
        stream.Position = offset;
        stream.Write(content);
        return this;
    }

    /// <summary>Makes an empty folder.</summary>
    public FakeHost MakeDirectory(string path)
    {
        Directory.CreateDirectory(Folder + path);
        return this;
    }

    /// <summary>Takes every right to a file away. Does not bind root.</summary>
    public FakeHost Forbid(string path)
    {
        File.SetUnixFileMode(Folder + path, UnixFileMode.None);
        return this;
    }

    /// <summary>What a file holds now.</summary>
    public string ReadText(string path) => File.ReadAllText(Folder + path);

    /// <summary>Removes a file or a folder.</summary>
    public FakeHost Remove(string path)
    {
        var full = Folder + path;
        if (Directory.Exists(full))
        {
            foreach (var file in Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories))
            {
                File.WriteAllBytes(file, []);
            }

            Directory.Delete(full, recursive: true);
        }
        else
        {
            File.WriteAllBytes(full, []);
            File.Delete(full);
        }

        return this;
    }

    /// <summary>Adds a process.</summary>
    public FakeProcess Process(int pid, int parent = 1, ulong startTimeTicks = 1000, string command = "app", params FakeMapping[] mappings) =>
        new(this, pid, parent, startTimeTicks, command, mappings);

    /// <summary>Adds an idle-page bitmap for so many frames, and, unless told otherwise, flags for them (all on the page lists).</summary>
    public FakeHost IdlePages(int frames, bool flags = true)
    {
        Write(IdleBitmap, new byte[(frames + 63) / 64 * 8]);
        if (flags)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                Flags((ulong)frame, 1UL << 5);
            }
        }

        return this;
    }

    /// <summary>Sets a frame's flags.</summary>
    public FakeHost Flags(ulong frame, ulong bits)
    {
        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(entry, bits);
        return WriteAt(PageFlags, (long)frame * sizeof(ulong), entry);
    }

    /// <summary>Whether a frame is marked idle.</summary>
    public bool IsIdle(ulong frame) => (IdleWord(frame) & (1UL << (int)(frame % 64))) != 0;

    /// <summary>The frames marked idle, ascending.</summary>
    public IReadOnlyList<ulong> MarkedFrames()
    {
        var words = File.ReadAllBytes(Folder + IdleBitmap);
        return [.. Enumerable.Range(0, words.Length * 8).Where(frame => (words[frame / 8] & (1 << (frame % 8))) != 0).Select(frame => (ulong)frame)];
    }

    /// <summary>A frame is accessed: its mark goes.</summary>
    public FakeHost Access(ulong frame)
    {
        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(entry, IdleWord(frame) & ~(1UL << (int)(frame % 64)));
        return WriteAt(IdleBitmap, (long)(frame / 64) * sizeof(ulong), entry);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private ulong IdleWord(ulong frame) => BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(Folder + IdleBitmap).AsSpan((int)(frame / 64) * sizeof(ulong)));

    private FileStream Open(string path)
    {
        var full = Folder + path;
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return new FileStream(full, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }
}

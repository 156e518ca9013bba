using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;

namespace Damon.Engine.Interop;

/// <summary>
/// Every native call of this product, one file per area. All give the call's value, or the negated errno: nothing here keeps state between two calls,
/// and no caller has to read a thread's errno in time.
/// </summary>
internal static unsafe partial class Native
{
    /// <summary>Longest path given to the kernel, with its closing zero byte (PATH_MAX).</summary>
    private const int PathMax = 4096;

    /// <summary>Opens to read; the descriptor is closed on exec.</summary>
    /// <remarks><c>int open(const char *pathname, int flags, mode_t mode);</c> ENOENT/ENOTDIR not there · EACCES/EPERM no right · ESRCH the process of a /proc file is gone · EMFILE/ENFILE too many open files.</remarks>
    public static int OpenToRead(string path) => Open(path, LibC.O_RDONLY | LibC.O_CLOEXEC | LibC.O_NOCTTY);

    /// <summary>Opens to write, neither creating nor truncating: what is written exists in /proc or /sys already.</summary>
    /// <remarks>As <see cref="OpenToRead"/>; EROFS: mounted read-only.</remarks>
    public static int OpenToWrite(string path) => Open(path, LibC.O_WRONLY | LibC.O_CLOEXEC | LibC.O_NOCTTY);

    /// <summary>Opens to read and write, neither creating nor truncating.</summary>
    /// <remarks>As <see cref="OpenToWrite"/>.</remarks>
    public static int OpenToReadAndWrite(string path) => Open(path, LibC.O_RDWR | LibC.O_CLOEXEC | LibC.O_NOCTTY);

    /// <summary>Opens a directory to list it.</summary>
    /// <remarks>As <see cref="OpenToRead"/>; ENOTDIR: not a directory.</remarks>
    public static int OpenDirectory(string path) => Open(path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC);

    /// <summary>Closes. Never repeated after EINTR: on Linux the descriptor is gone by then.</summary>
    /// <remarks><c>int close(int fd);</c></remarks>
    public static void Close(int descriptor) => _ = LibC.close(descriptor);

    /// <summary>Reads at an offset.</summary>
    /// <remarks><c>ssize_t pread(int fd, void *buf, size_t count, off_t offset);</c> 0 = end · EINTR before anything was read · ESRCH/ENODEV what is behind the file is gone · EOPNOTSUPP the feature is off (PSI) · EINVAL/ENXIO beyond what there is.</remarks>
    public static int ReadAt(int descriptor, Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            return (int)Result((long)LibC.pread(descriptor, start, buffer.Length, offset));
        }
    }

    /// <summary>Writes at an offset.</summary>
    /// <remarks><c>ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset);</c> EINTR · ESRCH process gone · EINVAL refused · EBUSY held by another · EPERM/EACCES no right · ENXIO beyond what there is.</remarks>
    public static int WriteAt(int descriptor, ReadOnlySpan<byte> content, long offset)
    {
        fixed (byte* start = content)
        {
            return (int)Result((long)LibC.pwrite(descriptor, start, content.Length, offset));
        }
    }

    /// <summary>Device and inode behind a path, following links.</summary>
    /// <remarks><c>int stat(const char *pathname, struct stat *statbuf);</c> ENOENT/ENOTDIR not there · EACCES no right · ELOOP too many links.</remarks>
    public static int Identify(string path, out ulong device, out ulong inode)
    {
        Span<byte> buffer = stackalloc byte[PathMax];
        device = 0;
        inode = 0;
        if (!TryEncode(path, buffer))
        {
            return -Errno.ENAMETOOLONG;
        }

        stat found = default;
        fixed (byte* name = buffer)
        {
            var result = (int)Result(LibC.stat(name, &found));
            if (result == 0)
            {
                device = (ulong)found.st_dev;
                inode = (ulong)found.st_ino;
            }

            return result;
        }
    }

    /// <summary>Whether a path may be written, by the rights of the process's user. Opens nothing.</summary>
    /// <remarks><c>int access(const char *pathname, int mode);</c> 0 it may · EACCES no right · EROFS mounted read-only · ENOENT/ENOTDIR not there.</remarks>
    public static int CheckWritable(string path)
    {
        Span<byte> buffer = stackalloc byte[PathMax];
        if (!TryEncode(path, buffer))
        {
            return -Errno.ENAMETOOLONG;
        }

        fixed (byte* name = buffer)
        {
            return (int)Result(LibC.access(name, LibC.W_OK));
        }
    }

    /// <summary>Reads as many directory entries as fit; their layout is <see cref="DirectoryEntryLayout"/>.</summary>
    /// <remarks><c>ssize_t getdents64(int fd, void *dirp, size_t count);</c> 0 = end · ENOENT the directory was removed · EINVAL the buffer is too small.</remarks>
    public static int ReadDirectory(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Result((long)(ssize_t)LibC.syscall(SystemCallNumber.GetDents64, descriptor, start, (size_t)buffer.Length));
        }
    }

    private static int Open(string path, int flags)
    {
        Span<byte> buffer = stackalloc byte[PathMax];
        if (!TryEncode(path, buffer))
        {
            return -Errno.ENAMETOOLONG;
        }

        fixed (byte* name = buffer)
        {
            int result;
            do
            {
                result = (int)Result(LibC.open(name, flags, 0));
            }
            while (result == -Errno.EINTR);

            return result;
        }
    }

    private static bool TryEncode(string path, Span<byte> buffer)
    {
        // A zero byte inside would silently name another file.
        if (path.Contains('\0', StringComparison.Ordinal) || !Encoding.UTF8.TryGetBytes(path, buffer[..^1], out var length))
        {
            return false;
        }

        buffer[length] = 0;
        return true;
    }

    private static long Result(long value) => value < 0 ? -Marshal.GetLastPInvokeError() : value;
}

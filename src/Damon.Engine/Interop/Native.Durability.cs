using Tmds.Linux;

namespace Damon.Engine.Interop;

internal static unsafe partial class Native
{
    /// <summary>Waits until what was written to a file, or the names in a directory, are on the disk.</summary>
    /// <remarks><c>int fsync(int fd);</c> EIO, ENOSPC, EDQUOT: not everything is there · EROFS/EINVAL cannot be done for this file.</remarks>
    public static int Sync(int descriptor) => (int)Result(LibC.fsync(descriptor));

    /// <summary>The user whose rights this process has.</summary>
    /// <remarks><c>uid_t geteuid(void);</c> never fails.</remarks>
    public static uint EffectiveUser() => LibC.geteuid();

    /// <summary>Owner and mode behind a path, following links.</summary>
    /// <remarks>As <see cref="Identify"/>.</remarks>
    public static int Describe(string path, out uint user, out uint mode)
    {
        Span<byte> buffer = stackalloc byte[PathMax];
        (user, mode) = (0, 0);
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
                (user, mode) = (found.st_uid, (uint)found.st_mode);
            }

            return result;
        }
    }
}

using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>The one place where error numbers get their meaning.</summary>
internal static class HostErrors
{
    /// <summary>Which kind an error number is.</summary>
    /// <param name="errno">Positive error number.</param>
    public static HostErrorKind KindOf(int errno) => errno switch
    {
        Errno.ENOENT or Errno.ESRCH or Errno.ENODEV or Errno.ENOTDIR => HostErrorKind.Vanished,
        Errno.EPERM or Errno.EACCES or Errno.EROFS => HostErrorKind.Denied,
        Errno.EBUSY => HostErrorKind.Busy,

        // Out of descriptors passes as others close theirs.
        Errno.EAGAIN or Errno.EINTR or Errno.EMFILE or Errno.ENFILE => HostErrorKind.TryAgain,
        Errno.ENOSYS or Errno.EOPNOTSUPP or Errno.EINVAL => HostErrorKind.Unsupported,
        Errno.ENAMETOOLONG or Errno.ELOOP => HostErrorKind.Malformed,
        _ => HostErrorKind.Failed,
    };

    /// <summary>The error for a negated error number as the native calls give it.</summary>
    public static HostError From(long negatedErrno, string subject)
    {
        var errno = (int)-negatedErrno;
        var detail = errno switch
        {
            Errno.EROFS => "mounted read-only",
            Errno.EMFILE or Errno.ENFILE => "too many open files",
            _ => "",
        };
        return new HostError(KindOf(errno), subject, detail, errno);
    }
}

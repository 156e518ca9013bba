using Damon.Engine.Host;

namespace Damon.Testing.KernelDamon;

/// <summary>The fake's errors as the product's reader of the host gives those of a kernel.</summary>
public static class KernelErrors
{
    /// <summary>The error that a real host gives for this number.</summary>
    public static HostError At(this KernelErrno errno, string path) => new(
        errno switch
        {
            KernelErrno.ENOENT or KernelErrno.ENOTDIR => HostErrorKind.Vanished,
            KernelErrno.EPERM or KernelErrno.EACCES => HostErrorKind.Denied,
            KernelErrno.EBUSY => HostErrorKind.Busy,
            KernelErrno.EINVAL => HostErrorKind.Unsupported,
            _ => HostErrorKind.Failed,
        },
        path,
        Errno: (int)errno);
}

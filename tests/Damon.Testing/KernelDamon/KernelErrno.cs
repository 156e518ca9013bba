namespace Damon.Testing.KernelDamon;

/// <summary>What the kernel answers with instead of a result (errno(3)).</summary>
public enum KernelErrno
{
    None = 0,
    EPERM = 1,
    ENOENT = 2,
    ENOMEM = 12,
    EACCES = 13,
    EBUSY = 16,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ERANGE = 34,
    ECANCELED = 125,
}

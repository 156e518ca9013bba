namespace Damon.Engine.Host;

/// <summary>Why the host did not give what was asked. Each of these is a normal event on a busy machine, so it is a value and not an exception.</summary>
public enum HostErrorKind
{
    /// <summary>No error: the result has a value.</summary>
    None,

    /// <summary>The process, cgroup or file is not there, or no longer there (ENOENT, ESRCH, ENODEV).</summary>
    Vanished,

    /// <summary>A right is missing (EPERM, EACCES); the detail names which one helps.</summary>
    Denied,

    /// <summary>Somebody else holds it (EBUSY).</summary>
    Busy,

    /// <summary>The kernel asks to try again later (EAGAIN, EINTR).</summary>
    TryAgain,

    /// <summary>This kernel, or this machine, cannot do it (ENOSYS, EOPNOTSUPP, EINVAL for a feature that is not there).</summary>
    Unsupported,

    /// <summary>The content is not what the kernel documents: truncated, foreign or hostile.</summary>
    Malformed,

    /// <summary>Any other error; the errno says which.</summary>
    Failed,
}

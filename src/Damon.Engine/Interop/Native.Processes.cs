using Tmds.Linux;

namespace Damon.Engine.Interop;

/// <content>Processes: a descriptor that cannot be recycled, and advice on another process's memory.</content>
internal static unsafe partial class Native
{
    /// <summary>A descriptor that means this process even after its pid is used again.</summary>
    /// <remarks><c>int pidfd_open(pid_t pid, unsigned int flags);</c> Linux 5.3. ESRCH no such process · EINVAL not a thread-group leader · ENOSYS old kernel · EMFILE/ENFILE.</remarks>
    public static int OpenProcess(int pid) => (int)Result((long)(ssize_t)LibC.syscall(SystemCallNumber.PidfdOpen, pid, 0u));

    /// <summary>Asks whether the process still exists: signal 0 is checked and not delivered.</summary>
    /// <remarks><c>int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags);</c> ESRCH gone and reaped · EPERM exists, no right to signal it.</remarks>
    public static int ProbeProcess(int pidfd) => SignalProcess(pidfd, 0);

    /// <summary>Sends a signal to the process that the descriptor means.</summary>
    /// <remarks>As <see cref="ProbeProcess"/>; EINVAL no such signal.</remarks>
    public static int SignalProcess(int pidfd, int signal) => (int)Result((long)(ssize_t)LibC.syscall(SystemCallNumber.PidfdSendSignal, pidfd, signal, (void*)null, 0u));

    /// <summary>The process that started this one, as this one's pid namespace knows it; 0 where it is outside of that.</summary>
    /// <remarks><c>pid_t getppid(void);</c> cannot fail.</remarks>
    public static int ParentProcess() => LibC.getppid();

    /// <summary>Asks whether the kernel knows an advice at all: an empty range is advised on, of this process.</summary>
    /// <remarks><c>int madvise(void *addr, size_t length, int advice);</c> With nothing for both, 0 where it does, and EINVAL where it does not (madvise(2)) · ENOSYS a kernel without advice.</remarks>
    public static int AdviseNothing(int advice) => (int)Result(LibC.madvise(null, 0, advice));

    /// <summary>Advises the kernel on ranges of another process.</summary>
    /// <remarks>
    /// <c>ssize_t process_madvise(int pidfd, const struct iovec iovec[], size_t n, int advice, unsigned int flags);</c> Linux 5.10.
    /// Gives the bytes advised, possibly fewer than asked: whole vectors in front of the first failure, and never above 2 GiB less a page.
    /// EAGAIN/EINTR/EBUSY later · EINVAL unknown advice, not page aligned, more than 1024 vectors, or a mapping this advice cannot serve (locked, huge-page file system, device)
    /// Without a vector nothing is advised on, and advice and rights are checked all the same. · ENOMEM a hole in the range, what is mapped in it was advised all the same · EPERM rights missing (PTRACE_MODE_READ and CAP_SYS_NICE) · ESRCH gone · ENOSYS old kernel · EBADF not a pidfd.
    /// </remarks>
    public static long AdviseProcess(int pidfd, ReadOnlySpan<IoVector> vectors, int advice)
    {
        fixed (IoVector* start = vectors)
        {
            return Result((long)(ssize_t)LibC.syscall(SystemCallNumber.ProcessMadvise, pidfd, start, (size_t)vectors.Length, advice, 0u));
        }
    }
}

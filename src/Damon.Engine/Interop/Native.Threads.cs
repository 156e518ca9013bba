using System.Runtime.InteropServices;
using Tmds.Linux;

namespace Damon.Engine.Interop;

/// <content>Interrupting one thread that waits in the kernel.</content>
internal static unsafe partial class Native
{
    /// <summary>
    /// A real-time signal of the kernel's 32 to 64. The C libraries take 32 to 34 for themselves and the runtime the first one that they leave; 50 is far from both ends.
    /// </summary>
    internal const int InterruptSignal = 50;

    /// <summary>The id of the calling thread.</summary>
    /// <remarks><c>pid_t gettid(void);</c> cannot fail.</remarks>
    public static int CurrentThread() => (int)Result((long)(ssize_t)LibC.syscall(SystemCallNumber.GetTid));

    /// <summary>Sends a signal to one thread of a process.</summary>
    /// <remarks><c>int tgkill(pid_t tgid, pid_t tid, int sig);</c> ESRCH no such thread in that process · EPERM another user's · EINVAL · EAGAIN too many signals are queued.</remarks>
    public static int SignalThread(int process, int thread, int signal) => (int)Result((long)(ssize_t)LibC.syscall(SystemCallNumber.TgKill, process, thread, signal));

    /// <summary>
    /// Has <see cref="InterruptSignal"/> do nothing but end the call that its thread waits in: a handler is there, and calls are not restarted after it (no SA_RESTART).
    /// Without a handler it would end the process; ignored, it would interrupt nothing.
    /// </summary>
    /// <returns>0, or a negated errno; EBUSY where the process has a handler of somebody else's for it.</returns>
    /// <remarks>
    /// <c>int sigaction(int signum, const struct sigaction *act, struct sigaction *oldact);</c> EINVAL no such signal.
    /// The handler is the C library's <c>abs</c>: a function of one number that touches nothing. Managed code cannot be a signal's handler, it may interrupt itself.
    /// </remarks>
    public static int HandleInterrupts()
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "abs", out var nothing))
        {
            return -Errno.ENOSYS;
        }

        SignalAction before;
        var result = (int)Result(SetSignalAction(InterruptSignal, null, &before));
        if (result < 0 || before.Handler == nothing)
        {
            return result;
        }

        if (before.Handler != 0)
        {
            return -Errno.EBUSY;
        }

        var action = new SignalAction { Handler = nothing };
        return (int)Result(SetSignalAction(InterruptSignal, &action, null));
    }

    // Tmds.LibC has no sigaction.
    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int SetSignalAction(int signal, SignalAction* action, SignalAction* before);
}

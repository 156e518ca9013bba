using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>
/// Ends the system call that one thread of this process waits in, where the kernel lets that call be interrupted: a write to <c>memory.reclaim</c> then gives
/// <see cref="HostErrorKind.TryAgain"/>. A thread that waits uninterruptibly goes on waiting.
/// </summary>
/// <remarks>
/// Send only while the thread cannot have ended: its number may be given to another thread of this process later, whose call would be interrupted then. A signal that comes just after the call does
/// no harm, because every call of this product either repeats after an interruption or says so.
/// </remarks>
public sealed class ThreadInterrupt
{
    private readonly int _thread;

    private ThreadInterrupt(int thread) => _thread = thread;

    /// <summary>What interrupts the calling thread.</summary>
    /// <returns>It, or why threads cannot be interrupted here: <see cref="HostErrorKind.Busy"/> where somebody else handles the signal.</returns>
    public static HostResult<ThreadInterrupt> OfCurrentThread()
    {
        var handled = Native.HandleInterrupts();
        return handled < 0 ? HostErrors.From(handled, $"sigaction({Native.InterruptSignal})") : new ThreadInterrupt(Native.CurrentThread());
    }

    /// <summary>Interrupts it once, from any thread.</summary>
    /// <returns>The error; none where the signal is on its way.</returns>
    public HostError Send()
    {
        var sent = Native.SignalThread(Environment.ProcessId, _thread, Native.InterruptSignal);
        return sent < 0 ? HostErrors.From(sent, $"tgkill({_thread})") : default;
    }
}

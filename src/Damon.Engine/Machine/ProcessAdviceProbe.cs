using Damon.Engine.Host;
using Damon.Engine.Interop;

namespace Damon.Engine.Machine;

/// <summary>
/// Asks the kernel which advice process_madvise(2) takes for other processes, by advising another process on no memory at all: there is no range, so nothing can come of it, and the kernel checks the advice
/// and the rights all the same.
/// </summary>
/// <remarks>
/// <para>
/// Up to Linux 6.12 the advice is checked first (EINVAL) and then the rights (EACCES, EPERM); since 6.13 the right to look at the process comes first, then the advice, then CAP_SYS_NICE
/// (mm/madvise.c). A nonsense is therefore asked for in front: where it is EINVAL, an advice that is refused is EINVAL too, and everything else means that it is taken, right or not. Where the nonsense is
/// denied, the process may not be looked at, and where it is taken, nothing that is said there means anything (an emulation, a filter).
/// </para>
/// <para>
/// What the kernel was built without is refused only for real ranges, so madvise(2) is asked for this process, which is documented to say that.
/// </para>
/// </remarks>
public static class ProcessAdviceProbe
{
    /// <summary>The call takes the process's memory lock (since Linux 6.15), and who holds that may be stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Asks. Waits two seconds at the most.</summary>
    /// <param name="host">The host whose kernel it is about: where that is not the kernel that this program runs on, nothing is asked.</param>
    /// <param name="time">The clock.</param>
    public static ProcessAdvice Ask(HostRoot host, TimeProvider time) => Ask(host, time, new AdviceKernel());

    internal static ProcessAdvice Ask(HostRoot host, TimeProvider time, IAdviceKernel kernel)
    {
        if (BootOf(host) is not { } boot || boot != BootOf(new HostRoot()))
        {
            return new ProcessAdvice { Problem = $"{host.Path} is not of the kernel that this program runs on" };
        }

        var asking = Task.Factory.StartNew(() => Ask(kernel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return asking.WaitAsync(Patience, time).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            return new ProcessAdvice { Problem = $"the kernel has not answered within {Patience.TotalSeconds:0} s" };
        }
    }

    internal static ProcessAdvice Ask(IAdviceKernel kernel)
    {
        var problem = "there is no other process to ask about";
        foreach (var process in kernel.Others)
        {
            var descriptor = kernel.Open(process);
            if (descriptor < 0)
            {
                problem = $"process {process} cannot be opened, error {-descriptor}";
                continue;
            }

            try
            {
                if (Ask(kernel, process, descriptor) is var answered && answered.IsKnown)
                {
                    return answered;
                }

                problem = answered.Problem;
            }
            finally
            {
                kernel.Close(descriptor);
            }
        }

        return new ProcessAdvice { Problem = problem };
    }

    private static ProcessAdvice Ask(IAdviceKernel kernel, int process, int descriptor)
    {
        switch (kernel.AdviseOther(descriptor, MemoryAdvice.Nonsense))
        {
            case -Errno.EINVAL:
                break;
            case -Errno.ENOSYS:
                const AdviceAnswer No = AdviceAnswer.Refused;
                return new ProcessAdvice { Pageout = No, Cold = No, WillNeed = No, Collapse = No, HugePage = No, NoHugePage = No };
            case >= 0:
                return new ProcessAdvice { Problem = "it takes nonsense for advice" };
            case var errno:
                return new ProcessAdvice { Problem = $"asking about process {process} ended with error {-errno}" };
        }

        var isGone = false;
        var answers = new ProcessAdvice
        {
            Pageout = Judge(MemoryAdvice.PageOut),
            Cold = Judge(MemoryAdvice.Cold),
            WillNeed = Judge(MemoryAdvice.WillNeed),
            Collapse = Judge(MemoryAdvice.Collapse),
            HugePage = Judge(MemoryAdvice.HugePage),
            NoHugePage = Judge(MemoryAdvice.NoHugePage),
        };
        return isGone ? new ProcessAdvice { Problem = $"process {process} has ended while it was asked about" } : answers;

        AdviceAnswer Judge(int advice)
        {
            var answer = kernel.AdviseOther(descriptor, advice);
            isGone |= answer == -Errno.ESRCH;
            return answer == -Errno.EINVAL ? AdviceAnswer.Refused : kernel.AdviseOwn(advice) == -Errno.EINVAL ? AdviceAnswer.NotBuiltIn : AdviceAnswer.Accepted;
        }
    }

    private static string? BootOf(HostRoot host) => host.ReadText("/proc/sys/kernel/random/boot_id").TryGet(out var boot) && boot.Length > 0 ? boot : null;
}

using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>Opens what looks at and acts on a process. A process that is just running another program, or is being looked at by a debugger, can keep whoever opens its files waiting in the kernel.</summary>
/// <param name="factory">What opens them.</param>
/// <param name="stalls">Where it is done; null for on the calling thread.</param>
internal sealed class TargetOpener(ITargetFactory factory, StallGuard? stalls)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Opens a probe.</summary>
    /// <param name="process">The process.</param>
    /// <param name="subject">Its pod.</param>
    public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process, string subject) => Open(() => factory.OpenProbe(process), process, subject);

    /// <summary>Opens an actor.</summary>
    /// <param name="process">The process.</param>
    /// <param name="subject">Its pod.</param>
    /// <param name="reclaimFrom">Says from which control group it may reclaim; null where that is not known.</param>
    public HostResult<IMemoryActor> OpenActor(ProcessIdentity process, string subject, Func<ControlGroup?> reclaimFrom) => Open(() => factory.OpenActor(process, reclaimFrom), process, subject);

    private HostResult<T> Open<T>(Func<HostResult<T>> open, ProcessIdentity process, string subject)
        where T : IDisposable
    {
        if (stalls is null)
        {
            return open();
        }

        return stalls.Run(subject, open, Patience, Close, out var opened) == StallOutcome.Finished
            ? opened
            : new HostError(HostErrorKind.TryAgain, $"/proc/{process.Pid}", "the kernel holds calls on this pod back; it is tried again");
    }

    private static void Close<T>(HostResult<T> late)
        where T : IDisposable
    {
        if (late.TryGet(out var opened))
        {
            opened.Dispose();
        }
    }
}

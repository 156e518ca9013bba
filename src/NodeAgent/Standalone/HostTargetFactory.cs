using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;

namespace Damon.NodeAgent.Standalone;

/// <summary>Opens probes of one backend, and actors that advise and move pages through the kernel.</summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock by which cached mappings grow old and stalls are measured.</param>
/// <param name="backend">IdlePage or Referenced.</param>
public sealed class HostTargetFactory(HostRoot host, TimeProvider time, MonitoringBackend backend) : ITargetFactory
{
    /// <inheritdoc/>
    public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process)
    {
        if (backend == MonitoringBackend.Referenced)
        {
            var referenced = ReferencedProbe.Open(host, process, time);
            return referenced.IsOk ? referenced.Value : referenced.Error;
        }

        var idlePage = IdlePageProbe.Open(host, process);
        return idlePage.IsOk ? idlePage.Value : idlePage.Error;
    }

    /// <inheritdoc/>
    public HostResult<IMemoryActor> OpenActor(ProcessIdentity process)
    {
        var actor = TargetActor.Open(host, process, time);
        return actor.IsOk ? actor.Value : actor.Error;
    }

    /// <inheritdoc/>
    public HostResult<IMemoryActor> OpenActor(ProcessIdentity process, Func<ControlGroup?> reclaimFrom)
    {
        var actor = TargetActor.Open(host, process, time, reclaimFrom);
        return actor.IsOk ? actor.Value : actor.Error;
    }
}

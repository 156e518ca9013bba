using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Standalone;

/// <summary>Opens what a session needs of one process.</summary>
public interface ITargetFactory
{
    /// <summary>Opens a probe.</summary>
    /// <param name="process">Which process it must be.</param>
    HostResult<IAccessProbe> OpenProbe(ProcessIdentity process);

    /// <summary>Opens an actor.</summary>
    /// <param name="process">Which process it must be.</param>
    HostResult<IMemoryActor> OpenActor(ProcessIdentity process);

    /// <summary>Opens an actor that may also reclaim from a control group. One that cannot is as good as the other one.</summary>
    /// <param name="process">Which process it must be.</param>
    /// <param name="reclaimFrom">Says which group that is, when it is needed; null where it is not known. Asked on any thread.</param>
    HostResult<IMemoryActor> OpenActor(ProcessIdentity process, Func<ControlGroup?> reclaimFrom) => OpenActor(process);
}

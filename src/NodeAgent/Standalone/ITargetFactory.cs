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
}

using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.NodeAgent.Standalone;

namespace Damon.Footprint.Agent;

/// <summary>Opens what another factory opens, with looks that cost what they are given to cost.</summary>
/// <param name="inner">Opens.</param>
/// <param name="look">What a look at a page costs.</param>
/// <param name="cpu">The CPU time of the thread that calls.</param>
internal sealed class PacedTargets(ITargetFactory inner, TimeSpan look, TimeProvider cpu) : ITargetFactory
{
    /// <inheritdoc/>
    public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process)
    {
        var probe = inner.OpenProbe(process);
        return probe.IsOk ? new PacedProbe(probe.Value, look, cpu) : probe.Error;
    }

    /// <inheritdoc/>
    public HostResult<IMemoryActor> OpenActor(ProcessIdentity process) => inner.OpenActor(process);

    /// <inheritdoc/>
    public HostResult<IMemoryActor> OpenActor(ProcessIdentity process, Func<ControlGroup?> reclaimFrom) => inner.OpenActor(process, reclaimFrom);
}

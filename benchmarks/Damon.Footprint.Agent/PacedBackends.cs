using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Standalone;

namespace Damon.Footprint.Agent;

/// <summary>What the node can sense and act with, with looks that cost what they are given to cost.</summary>
/// <param name="inner">The node's.</param>
/// <param name="look">What a look at a page costs.</param>
internal sealed class PacedBackends(INodeBackends inner, TimeSpan look) : INodeBackends
{
    private readonly ThreadCpuClock _cpu = new();

    /// <inheritdoc/>
    public MachineFacts Facts => inner.Facts;

    /// <inheritdoc/>
    public IReadOnlySet<DamonModule> ExclusiveModules
    {
        get => inner.ExclusiveModules;
        set => inner.ExclusiveModules = value;
    }

    /// <inheritdoc/>
    public void Refresh() => inner.Refresh();

    /// <inheritdoc/>
    public bool RefreshMemory() => inner.RefreshMemory();

    /// <inheritdoc/>
    public BackendDecision Choose(RequestedBackend requested) => inner.Choose(requested);

    /// <inheritdoc/>
    public BackendDecision ChooseForNode() => inner.ChooseForNode();

    /// <inheritdoc/>
    public ITargetFactory Targets(MonitoringBackend backend) => new PacedTargets(inner.Targets(backend), look, _cpu);

    /// <inheritdoc/>
    public KernelSensing Kernel(KernelPlace place) => inner.Kernel(place);

    /// <inheritdoc/>
    public IPagePlaces? Places(ProcessIdentity process) => inner.Places(process);
}

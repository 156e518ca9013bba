using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>What the machine at hand can sense and act with.</summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
/// <param name="kernel">Gives a place among the kernel's, with the modules that may be switched off.</param>
/// <param name="places">Says where a process's pages lie; null for the kernel, which answers only for processes that are its own.</param>
internal sealed class HostBackends(
    HostRoot host, TimeProvider time, Func<IReadOnlySet<DamonModule>, KernelPlace, KernelSensing> kernel, Func<ProcessIdentity, IPagePlaces?>? places = null) : INodeBackends
{
    private static readonly IReadOnlySet<SafetyRail> None = new HashSet<SafetyRail>();
    private static readonly TimeSpan NodeFactsEvery = TimeSpan.FromMinutes(1);

    private MachineFacts? _nodeFacts;
    private long _nodeFactsAt;

    /// <inheritdoc/>
    public MachineFacts Facts { get; private set; } = MachineFacts.Read(host);

    /// <inheritdoc/>
    public IReadOnlySet<DamonModule> ExclusiveModules { get; set; } = new HashSet<DamonModule>();

    /// <inheritdoc/>
    public void Refresh() => Facts = MachineFacts.Read(host);

    /// <inheritdoc/>
    public BackendDecision Choose(RequestedBackend requested) => BackendGate.Choose(Facts, requested, None, ExclusiveModules);

    /// <inheritdoc/>
    public ITargetFactory Targets(MonitoringBackend backend) => new HostTargetFactory(host, time, backend);

    /// <inheritdoc/>
    public BackendDecision ChooseForNode()
    {
        if (_nodeFacts is null || time.GetElapsedTime(_nodeFactsAt) >= NodeFactsEvery)
        {
            (_nodeFacts, _nodeFactsAt) = (MachineFacts.Read(host), time.GetTimestamp());
        }

        return BackendGate.Choose(_nodeFacts, RequestedBackend.Kernel, None, ExclusiveModules);
    }

    /// <inheritdoc/>
    public KernelSensing Kernel(KernelPlace place) => kernel(ExclusiveModules, place);

    /// <inheritdoc/>
    public IPagePlaces? Places(ProcessIdentity process) => places is null ? new HostPagePlaces(host, process) : places(process);
}

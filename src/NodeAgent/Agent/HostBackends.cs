using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>What the machine at hand can sense and act with.</summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
/// <param name="kernel">Makes what is needed where the kernel senses, with the modules that may be switched off.</param>
/// <param name="places">Says where a process's pages lie; null for the kernel, which answers only for processes that are its own.</param>
internal sealed class HostBackends(
    HostRoot host, TimeProvider time, Func<IReadOnlySet<DamonModule>, KernelSensing> kernel, Func<ProcessIdentity, IPagePlaces?>? places = null) : INodeBackends
{
    private static readonly IReadOnlySet<SafetyRail> None = new HashSet<SafetyRail>();

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
    public KernelSensing Kernel() => kernel(ExclusiveModules);

    /// <inheritdoc/>
    public IPagePlaces? Places(ProcessIdentity process) => places is null ? new HostPagePlaces(host, process) : places(process);
}

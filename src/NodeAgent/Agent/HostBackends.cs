using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>What the machine at hand can sense and act with.</summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
/// <param name="facts">What the machine can do.</param>
/// <param name="kernel">Makes what is needed where the kernel senses.</param>
/// <param name="exclusiveModules">Modules of the kernel that may be switched off.</param>
/// <param name="places">Says where a process's pages lie; null for the kernel, which answers only for processes that are its own.</param>
internal sealed class HostBackends(
    HostRoot host,
    TimeProvider time,
    MachineFacts facts,
    Func<KernelSensing> kernel,
    IReadOnlySet<DamonModule>? exclusiveModules = null,
    Func<ProcessIdentity, IPagePlaces?>? places = null) : INodeBackends
{
    private static readonly IReadOnlySet<SafetyRail> None = new HashSet<SafetyRail>();

    /// <inheritdoc/>
    public MachineFacts Facts => facts;

    /// <inheritdoc/>
    public BackendDecision Choose(RequestedBackend requested) => BackendGate.Choose(facts, requested, None, exclusiveModules);

    /// <inheritdoc/>
    public ITargetFactory Targets(MonitoringBackend backend) => new HostTargetFactory(host, time, backend);

    /// <inheritdoc/>
    public KernelSensing Kernel() => kernel();

    /// <inheritdoc/>
    public IPagePlaces? Places(ProcessIdentity process) => places is null ? new HostPagePlaces(host, process) : places(process);
}

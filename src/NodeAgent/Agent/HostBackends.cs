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
/// <param name="advice">What the kernel, asked, takes of advice for other processes; null where it was not asked. It stays as it is for as long as the kernel runs.</param>
/// <param name="usesKernel">Whether the kernel's DAMON may be used where it is free.</param>
internal sealed class HostBackends(
    HostRoot host,
    TimeProvider time,
    Func<IReadOnlySet<DamonModule>, KernelPlace, KernelSensing> kernel,
    Func<ProcessIdentity, IPagePlaces?>? places = null,
    ProcessAdvice? advice = null,
    bool usesKernel = true) : INodeBackends
{
    /// <summary>
    /// For so long tiers that cannot be read any more are taken for what they were: a scheme that loses its destinations has its moves put back, which no file that cannot be opened for a moment is worth. What
    /// is gone meanwhile is refused by the rail and by the kernel.
    /// </summary>
    private static readonly TimeSpan TierPatience = TimeSpan.FromMinutes(1);

    private static readonly IReadOnlySet<SafetyRail> None = new HashSet<SafetyRail>();
    private static readonly TimeSpan KernelFactsEvery = TimeSpan.FromMinutes(1);

    private KernelDamonFacts? _kernel;
    private long _kernelAt;
    private long? _tiersLostAt;

    /// <inheritdoc/>
    public MachineFacts Facts { get; private set; } = Allowed(MachineFacts.Read(host, advice), usesKernel);

    /// <inheritdoc/>
    public IReadOnlySet<DamonModule> ExclusiveModules { get; set; } = new HashSet<DamonModule>();

    /// <inheritdoc/>
    public void Refresh() => Facts = Patient(Allowed(MachineFacts.Read(host, advice), usesKernel), Facts.Tiers);

    /// <inheritdoc/>
    public bool RefreshMemory()
    {
        var before = Facts;
        Facts = Patient(before.WithMemoryOf(host), before.Tiers);
        return Facts.Tiers != before.Tiers || !Facts.NumaNodes.SequenceEqual(before.NumaNodes);
    }

    /// <inheritdoc/>
    public BackendDecision Choose(RequestedBackend requested) => BackendGate.Choose(Facts, requested, None, ExclusiveModules);

    /// <inheritdoc/>
    public ITargetFactory Targets(MonitoringBackend backend) => new HostTargetFactory(host, time, backend);

    /// <inheritdoc/>
    public BackendDecision ChooseForNode()
    {
        if (_kernel is null || time.GetElapsedTime(_kernelAt) >= KernelFactsEvery)
        {
            (_kernel, _kernelAt) = (KernelDamonFacts.Read(host), time.GetTimestamp());
        }

        return BackendGate.Choose(Allowed(Facts with { Damon = _kernel }, usesKernel), RequestedBackend.Kernel, None, ExclusiveModules);
    }

    /// <inheritdoc/>
    public KernelSensing Kernel(KernelPlace place) => kernel(ExclusiveModules, place);

    /// <inheritdoc/>
    public IPagePlaces? Places(ProcessIdentity process) => places is null ? new HostPagePlaces(host, process) : places(process);

    private static MachineFacts Allowed(MachineFacts facts, bool usesKernel) => facts with { Damon = facts.Damon with { IsSwitchedOff = !usesKernel } };

    private MachineFacts Patient(MachineFacts read, MemoryTiers before)
    {
        _tiersLostAt = read.Tiers.Source != MemoryTierSource.None ? null : _tiersLostAt ?? time.GetTimestamp();
        return _tiersLostAt is { } at && before.Source != MemoryTierSource.None && time.GetElapsedTime(at) < TierPatience ? read with { Tiers = before } : read;
    }
}

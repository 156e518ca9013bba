using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>What a node can sense and act with.</summary>
internal interface INodeBackends
{
    /// <summary>What the machine can do, as it was read last.</summary>
    MachineFacts Facts { get; }

    /// <summary>Modules of the kernel that may be switched off while its DAMON is ours, as the cluster's configuration says.</summary>
    IReadOnlySet<DamonModule> ExclusiveModules { get; set; }

    /// <summary>Reads again what the machine can do. Not while the kernel senses for us: then DAMON would be found in use.</summary>
    void Refresh();

    /// <summary>Reads again which memory nodes and tiers there are: unlike the rest they come and go, and reading them is nothing to anybody who senses.</summary>
    /// <returns>Whether they are others than before.</returns>
    bool RefreshMemory();

    /// <summary>Chooses what senses. <see cref="RequestedBackend.Auto"/> never takes Referenced.</summary>
    BackendDecision Choose(RequestedBackend requested);

    /// <summary>What opens probes of a backend, and actors.</summary>
    ITargetFactory Targets(MonitoringBackend backend);

    /// <summary>Whether the kernel can be had for schemes of the whole node, which nothing else can carry out. What has changed on the machine is seen within a minute, whatever senses for pods.</summary>
    BackendDecision ChooseForNode();

    /// <summary>A place among the kernel's; whoever takes it gives it back.</summary>
    /// <param name="place">What for.</param>
    KernelSensing Kernel(KernelPlace place);

    /// <summary>Says on which memory nodes a process's pages lie; null where that is not known, and then nothing is moved.</summary>
    IPagePlaces? Places(ProcessIdentity process);
}

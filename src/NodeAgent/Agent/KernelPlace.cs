namespace Damon.NodeAgent.Agent;

/// <summary>Which of the agent's kdamonds is for what. Their number is set when the first of them is needed and cannot change before all are given back, so it is that of these places.</summary>
internal enum KernelPlace
{
    /// <summary>Senses the address spaces of pods; the agent acts.</summary>
    Pods,

    /// <summary>Senses physical memory and acts there, behind leases.</summary>
    Node,
}

using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Agent;

/// <summary>What all actors of a node ask and tell: the switch that stops everything, the ledger, and what all of them together may take.</summary>
/// <param name="inputs">Says at any moment whether the node is off.</param>
/// <param name="backends">Says where pages lie.</param>
/// <param name="ledger">What can be put back is written down here first; null where there is none, and then nothing of that kind is done.</param>
/// <param name="reclaim">The node's ceiling.</param>
/// <param name="faults">Where exceptions are noted.</param>
internal sealed class ActionGate(IAgentInputs inputs, INodeBackends backends, ChangeLedger? ledger, ReclaimCeiling reclaim, FaultBook faults)
{
    /// <summary>Whether the loop has stopped: what is left of the session must not do anything any more.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether the loop could not decide what is to be done: what it decided before may be wrong now.</summary>
    public bool IsBlind { get; set; }

    public bool IsOff => IsClosed || inputs.IsOff;

    public INodeBackends Backends => backends;

    public ChangeLedger? Ledger => ledger;

    public ReclaimCeiling Reclaim => reclaim;

    public FaultBook Faults => faults;
}

using Damon.Engine.Machine;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Standalone;

/// <summary>Chooses a backend for a run on one machine: what the machine can do, and then what the rails allow.</summary>
public static class BackendGate
{
    /// <summary>Chooses.</summary>
    /// <param name="facts">The machine.</param>
    /// <param name="requested">What was asked for.</param>
    /// <param name="accepted">Rails that the user has lifted.</param>
    public static BackendDecision Choose(MachineFacts facts, RequestedBackend requested, IReadOnlySet<SafetyRail> accepted)
    {
        var choice = BackendChoice.Choose(facts, requested);
        if (choice.Backend == MonitoringBackend.Kernel)
        {
            // A run for one command samples in user space: taking the machine's one DAMON is the agent's business.
            const string NotHere = "A run on one machine does not drive the kernel's DAMON.";
            var idlePage = facts.Backend(MonitoringBackend.IdlePage);
            return requested == RequestedBackend.Auto && idlePage.IsAvailable
                ? new BackendDecision(MonitoringBackend.IdlePage, idlePage.Reason.ToString(), $"{idlePage.Message} {NotHere}")
                : requested == RequestedBackend.Auto
                    ? new BackendDecision(null, idlePage.Reason.ToString(), $"{NotHere} {idlePage.Message} Referenced: {facts.Backend(MonitoringBackend.Referenced).Message}")
                    : new BackendDecision(null, nameof(CapabilityReason.NotInThisVersion), NotHere);
        }

        if (choice.Backend != MonitoringBackend.Referenced)
        {
            return new BackendDecision(choice.Backend, choice.Reason.ToString(), choice.Message);
        }

        // Clearing accessed bits takes from a kdamond what it is about to read.
        return HasForeignReader(facts.Damon) && !accepted.Contains(SafetyRail.ForeignKdamond)
            ? new BackendDecision(null, nameof(SafetyRail.ForeignKdamond), $"Referenced clears the accessed bits that somebody else's DAMON reads ({facts.Damon.Summary}); its figures for the target would be wrong. Stop it first, or say --accept ForeignKdamond.")
            : new BackendDecision(choice.Backend, choice.Reason.ToString(), choice.Message);
    }

    private static bool HasForeignReader(KernelDamonFacts damon) =>
        damon.Owner is DamonOwner.ModuleStat or DamonOwner.ModuleReclaim or DamonOwner.ModuleLruSort || damon.Kdamonds.Any(kdamond => kdamond.IsOn != false);
}

using Damon.Engine.Host;
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
    /// <param name="exclusiveModules">Modules of the kernel that the user lets be switched off for the time of the run; none where it is not given.</param>
    public static BackendDecision Choose(MachineFacts facts, RequestedBackend requested, IReadOnlySet<SafetyRail> accepted, IReadOnlySet<DamonModule>? exclusiveModules = null)
    {
        var choice = BackendChoice.Choose(facts, requested);
        if (requested == RequestedBackend.Kernel && choice.Backend is null && OnlyModulesAreInTheWay(facts.Damon, exclusiveModules ?? new HashSet<DamonModule>()))
        {
            return new BackendDecision(MonitoringBackend.Kernel, nameof(CapabilityReason.Available), $"{choice.Message} It was allowed here.");
        }

        if (requested == RequestedBackend.Kernel && choice.Backend is null && OnlyModulesAreInTheWay(facts.Damon, Enum.GetValues<DamonModule>().ToHashSet()))
        {
            var options = string.Join(' ', facts.Damon.Modules.Where(module => module.IsOn != false).Select(module => $"--allow-module-off {module.Name}"));
            return new BackendDecision(null, choice.Reason.ToString(), $"{choice.Message} For one run that is {options}.");
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

    private static bool OnlyModulesAreInTheWay(KernelDamonFacts damon, IReadOnlySet<DamonModule> allowed) =>
        damon is { IsSwitchedOff: false, HasSysfs: true, Kdamonds.Count: 0, Owner: DamonOwner.ModuleStat or DamonOwner.ModuleReclaim or DamonOwner.ModuleLruSort, WriteError.Kind: HostErrorKind.None }
        && damon.Modules.All(module => module.IsOn == false || allowed.Contains(module.Module));

    private static bool HasForeignReader(KernelDamonFacts damon) =>
        damon.Owner is DamonOwner.ModuleStat or DamonOwner.ModuleReclaim or DamonOwner.ModuleLruSort || damon.Kdamonds.Any(kdamond => kdamond.IsOn != false);
}

using Damon.Lab.Guest.Agent;
using Damon.Lab.Guest.Chaos;
using Damon.Lab.Guest.KernelDamon;
using Damon.Lab.Guest.Machine;
using Damon.Lab.Guest.Node;
using Damon.Lab.Guest.Oracle;
using Damon.Lab.Guest.Ownership;
using Damon.Lab.Guest.Pods;
using Damon.Lab.Guest.Privileges;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;
using Damon.Lab.Guest.Sensing;

namespace Damon.Lab.Guest;

/// <summary>All tests of the inside. A list, not a search: the ahead-of-time compiler keeps what is named.</summary>
public static class LabTests
{
    public static IReadOnlyList<LabTest> All { get; } =
    [
        .. MachineTests.All,
        .. CleaningTests.All,
        .. WorkloadTests.All,

        // While physical memory is fresh: later a process's pages lie in pieces, and DAMON's regions of physical memory are coarser than those.
        .. NodeLeaseTests.All,
        .. NodePageoutTests.All,
        .. LoopNodeTests.All,
        .. KernelActionTests.All,

        .. DamonTreeTests.All,
        .. DoctorTests.All,
        .. AccuracyTests.All,
        .. DamoOracleTests.All,
        .. DamonctlOracleTests.All,
        .. CollapseTests.All,
        .. FollowTests.All,
        .. LargeFolioTests.All,
        .. MigrationTests.All,
        .. LedgerMoveTests.All,
        .. TierTests.All,
        .. PodLimitTests.All,
        .. PodPageoutTests.All,
        .. PredictionTests.All,
        .. ReclaimTests.All,
        .. CapabilityTests.All,
        .. ConfinedAgentTests.All,
        .. AgentProfileTests.All,
        .. ModuleTests.All,
        .. OwnerTests.All,
        .. ForeignHandTests.All,
        .. VanishingTests.All,
    ];
}

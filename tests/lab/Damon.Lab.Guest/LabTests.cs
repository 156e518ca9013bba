using Damon.Lab.Guest.KernelDamon;
using Damon.Lab.Guest.Machine;
using Damon.Lab.Guest.Node;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest;

/// <summary>All tests of the inside. A list, not a search: the ahead-of-time compiler keeps what is named.</summary>
public static class LabTests
{
    public static IReadOnlyList<LabTest> All { get; } =
    [
        .. MachineTests.All,
        .. CleaningTests.All,
        .. WorkloadTests.All,
        .. DamonTreeTests.All,
        .. DoctorTests.All,
        .. NodeLeaseTests.All,
        .. NodePageoutTests.All,
    ];
}

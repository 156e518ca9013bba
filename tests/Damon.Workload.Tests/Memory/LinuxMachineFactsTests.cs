using Damon.Workload.Memory;

namespace Damon.Workload.Tests.Memory;

public class LinuxMachineFactsTests
{
    private static readonly LinuxMachineFacts Facts = new();

    /// <summary>PROC_SUPER_MAGIC; /proc is the one file system every Linux has at a known place.</summary>
    [Fact]
    public void The_type_of_a_file_system_is_the_kernels() => Facts.FileSystemTypeOf("/proc").Should().Be(0x9FA0);

    [Fact]
    public void A_folder_that_is_not_there_has_no_type() => Facts.FileSystemTypeOf("/nowhere/at/all").Should().BeNull();

    [Fact]
    public void Some_but_not_all_memory_is_available() =>
        Facts.AvailableBytes().Should().BeGreaterThan(1 << 20).And.BeLessThan(1UL << 50);
}

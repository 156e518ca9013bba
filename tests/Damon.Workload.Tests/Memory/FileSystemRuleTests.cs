using Damon.Workload.Memory;

namespace Damon.Workload.Tests.Memory;

public class FileSystemRuleTests
{
    [Theory]
    [InlineData(0xEF53L)]
    [InlineData(0x58465342L)]
    [InlineData(0x9123683EL)]
    [InlineData(0xF2F52010L)]
    [InlineData(unchecked((long)0xFFFFFFFF9123683E))]
    public void A_disk_file_system_is_taken(long type) => FileSystemRule.RefusalFor("/data", type).Should().BeNull();

    [Theory]
    [InlineData(0x01021994L, "tmpfs")]
    [InlineData(0x858458F6L, "ramfs")]
    [InlineData(0x958458F6L, "hugetlbfs")]
    [InlineData(0x794C7630L, "overlay")]
    [InlineData(0x9FA0L, "0x9fa0")]
    public void Any_other_is_refused_by_name_with_the_remedy(long type, string named) =>
        FileSystemRule.RefusalFor("/data", type).Should().Contain("/data").And.Contain(named).And.Contain("--directory");

    [Fact]
    public void A_folder_that_cannot_be_looked_at_is_refused() => FileSystemRule.RefusalFor("/data", fileSystemType: null).Should().Contain("--directory");
}

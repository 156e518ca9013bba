using Damon.Lab.Guest.Running;

namespace Damon.Lab.Tests.Running;

public class NumaMapsTests
{
    [Fact]
    public void Pages_count_by_node_and_page_size()
    {
        var bytes = NumaMaps.Sum("""
            7f0000000000 default anon=12 dirty=12 active=0 N0=4 N1=8 kernelpagesize_kB=4
            7f0000200000 default file=/lib/N0=7 mapped=3 N1=3 kernelpagesize_kB=4
            7f0000400000 prefer:1 huge anon=1 dirty=1 N1=1 kernelpagesize_kB=2048
            7f0000600000 default
            """);

        bytes.Should().Equal(new Dictionary<int, ulong> { [0] = 4 * 4096, [1] = (11 * 4096) + (2048 * 1024) });
    }

    [Fact]
    public void A_process_without_pages_is_on_no_node() => NumaMaps.Sum("").Should().BeEmpty();
}

using Damon.Workload.Accesses;

namespace Damon.Workload.Tests.Accesses;

public class TouchedPagesTests
{
    [Fact]
    public void A_page_counts_once_however_often_and_wherever_it_is_touched()
    {
        var touched = new TouchedPages(regionBytes: 130 * 4096, pageBytes: 4096);
        foreach (var offset in (ulong[])[0, 8, 4095, 4096, 64 * 4096, 129 * 4096, (130 * 4096) - 8])
            touched.Mark(offset);

        touched.Pages.Should().Be(130);
        touched.Count.Should().Be(4);
    }

    [Fact]
    public void Clearing_forgets_every_page()
    {
        var touched = new TouchedPages(regionBytes: 8192, pageBytes: 4096);
        touched.Mark(4096);
        touched.Clear();

        touched.Count.Should().Be(0);
    }
}

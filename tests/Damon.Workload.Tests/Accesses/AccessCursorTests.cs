using CsCheck;
using Damon.Patterns;
using Damon.Workload.Accesses;

namespace Damon.Workload.Tests.Accesses;

public class AccessCursorTests
{
    private const ulong Page = 4096;

    //                       pages  stride    visited pages of one round
    public static TheoryData<int, ulong, int[]> Rounds => new()
    {
        { 4, Page, [0, 1, 2, 3] },
        { 8, 3 * Page, [0, 3, 6] },
        { 7, 3 * Page, [0, 3, 6] },
        { 6, 3 * Page, [0, 3] },
        { 2, Page / 2, [0, 0, 1, 1] },
        { 4, 100 * Page, [0] },
        { 3, Page + (Page / 2), [0, 1] },
    };

    [Theory]
    [MemberData(nameof(Rounds))]
    public void A_sequential_round_visits_exactly_the_pages_at_its_strides(int pages, ulong strideBytes, int[] visited)
    {
        var cursor = new AccessCursor(Access(strideBytes, AccessOrder.Sequential, window: null), (ulong)pages * Page);

        cursor.Slots.Should().Be((ulong)visited.Length);
        PagesOf(cursor, 2 * visited.Length).Should().Equal([.. visited, .. visited], "the second round is like the first");
    }

    [Fact]
    public void The_last_slot_leaves_room_for_its_word()
    {
        var cursor = new AccessCursor(Access(strideBytes: 1, AccessOrder.Sequential, window: null), regionBytes: 16);

        cursor.Slots.Should().Be(9);
    }

    //   region of 10 pages      0123456789
    //   share 0.3, speed 0.1/s  ***           at 0 s
    //                              ***        at 3 s
    //                           *       **    at 8 s: continues at the region's start
    //                           ***           at 10 s: once round
    [Theory]
    [InlineData(0.0, new[] { 0, 1, 2 })]
    [InlineData(3.05, new[] { 3, 4, 5 })]
    [InlineData(8.05, new[] { 8, 9, 0 })]
    [InlineData(10.05, new[] { 0, 1, 2 })]
    [InlineData(25.05, new[] { 5, 6, 7 })]
    public void A_window_moves_with_the_time_of_the_phase_and_wraps_around(double seconds, int[] visited)
    {
        var cursor = new AccessCursor(Access(Page, AccessOrder.Sequential, new AccessWindow(0.3, 0.1)), 10 * Page);
        cursor.MoveWindow(TimeSpan.FromSeconds(seconds));

        PagesOf(cursor, 3).Should().Equal(visited);
    }

    [Fact]
    public void A_restart_puts_window_and_position_back()
    {
        var cursor = new AccessCursor(Access(Page, AccessOrder.Sequential, new AccessWindow(0.5, 1)), 4 * Page);
        cursor.MoveWindow(TimeSpan.FromSeconds(0.5));
        PagesOf(cursor, 1).Should().Equal(2);

        cursor.Restart();

        PagesOf(cursor, 2).Should().Equal(0, 1);
    }

    [Fact]
    public void A_random_order_reaches_every_page_of_the_window_and_none_outside()
    {
        var cursor = new AccessCursor(Access(Page, AccessOrder.Random, new AccessWindow(0.25, 0)), 16 * Page);

        PagesOf(cursor, 500).Distinct().Should().BeEquivalentTo([0, 1, 2, 3]);
    }

    [Fact]
    public void Every_access_lies_on_a_stride_within_the_window_and_the_region() =>
        Gen.Select(Gen.ULong[8, 1 << 20], Gen.ULong[1, 1 << 18], Gen.Double[0.001, 1], Gen.Double[0, 10], Gen.Double[0, 1000], Gen.Bool)
            .Sample((regionBytes, strideBytes, share, speed, seconds, random) =>
            {
                var order = random ? AccessOrder.Random : AccessOrder.Sequential;
                var cursor = new AccessCursor(Access(strideBytes, order, new AccessWindow(share, speed)), regionBytes);
                cursor.MoveWindow(TimeSpan.FromSeconds(seconds));
                var draws = new RandomSequence(3);
                for (var count = 0; count < 20; count++)
                {
                    var offset = cursor.Next(ref draws);
                    var slotInWindow = ((offset / strideBytes) + cursor.Slots - cursor.WindowStart) % cursor.Slots;
                    if (offset % strideBytes != 0 || offset + AccessCursor.WordBytes > regionBytes || slotInWindow >= cursor.WindowSlots)
                        return false;
                }

                return true;
            });

    private static PatternAccess Access(ulong strideBytes, AccessOrder order, AccessWindow? window) => new("region", 1, strideBytes, order, AccessMode.Read, window);

    private static List<int> PagesOf(AccessCursor cursor, int accesses)
    {
        var random = new RandomSequence(1);
        var pages = new List<int>();
        for (var count = 0; count < accesses; count++)
            pages.Add((int)(cursor.Next(ref random) / Page));
        return pages;
    }
}

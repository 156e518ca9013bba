using CsCheck;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class RegionTableLayoutTests
{
    /*
        before   |---- 100, ledger 100, last 10 ----|---- 200, ledger 20, last 0 ----|
        after    |-- 50 --|----------- 150 ----------------------|     gap     | new |
    */
    [Fact]
    public void What_was_counted_goes_over_by_the_share_of_the_bytes()
    {
        var table = new RegionTable(4096, ledgers: 1);
        table.Append(new Region(0, 100, Accesses: 3, LastAccesses: 10, Age: 7));
        table.Append(new Region(100, 300, Accesses: 4, LastAccesses: 0, Age: 9));
        table.LedgerOf(0)[0] = 100;
        table.LedgerOf(1)[0] = 20;

        table.LayOut([new Region(0, 50, Age: 1), new Region(50, 200, Accesses: 2, Age: 2), new Region(400, 500, Age: 3)]);

        table.Count.Should().Be(3);
        table[0].Should().Be(new Region(0, 50, 0, 10, 1));
        table[1].Should().Be(new Region(50, 200, 2, 3, 2));
        table[2].Should().Be(new Region(400, 500, 0, 0, 3));
        (table.LedgerOf(0)[0], table.LedgerOf(1)[0], table.LedgerOf(2)[0]).Should().Be((50, 60, 0));
    }

    [Fact]
    public void Nothing_is_counted_twice_and_little_is_lost_where_the_addresses_stay() =>
        Gen.Select(Gen.Int[1, 999].Array[0, 12], Gen.Int[1, 999].Array[0, 12], Gen.ULong[0, 1000]).Sample((before, after, ledger) =>
        {
            var table = new RegionTable(1, ledgers: 1);
            foreach (var region in Cut(before))
            {
                table.Append(region);
            }

            for (var i = 0; i < table.Count; i++)
            {
                table.LedgerOf(i)[0] = ledger;
            }

            var sum = ledger * (ulong)table.Count;
            var pieces = (ulong)table.Count;
            table.LayOut(Cut(after));

            ulong now = 0;
            for (var i = 0; i < table.Count; i++)
            {
                now += table.LedgerOf(i)[0];
            }

            return table.TotalBytes == 1000 && now <= sum && now + pieces + (ulong)table.Count >= sum;
        });

    private static Region[] Cut(int[] cuts)
    {
        var borders = cuts.Append(0).Append(1000).Distinct().Order().ToArray();
        return [.. borders.Zip(borders.Skip(1), (start, end) => new Region((ulong)start, (ulong)end))];
    }
}

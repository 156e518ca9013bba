using CsCheck;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class RegionTablePlainTests
{
    private static readonly Gen<uint> Count = Gen.OneOf(Gen.UInt[0, 4], Gen.UInt[0, 20], Gen.UInt);

    private static readonly Gen<ulong> Pages = Gen.OneOf(Gen.ULong[1, 4], Gen.ULong[1, 5000], Gen.ULong[1, 1UL << 44]);

    private static readonly Gen<(ulong Gap, ulong Pages, uint Accesses, uint Last, uint Age, uint Partly, ulong Ledger)> Row =
        Gen.Select(Gen.Frequency((5, Gen.Const(0UL)), (1, Gen.ULong[1, 9])), Pages, Count, Count, Gen.OneOf(Gen.UInt[0, 3], Gen.UInt[0, uint.MaxValue - 1]), Gen.UInt[0, 2], Gen.ULong[0, 1UL << 40]);

    [Fact]
    public void A_split_equals_the_rule_applied_region_by_region() =>
        Gen.Select(Row.List[0, 40], Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, 100], Gen.ULong).Sample((rows, pieces, step, offset, seed) =>
        {
            var (table, plain) = Make(rows);
            var random = new RandomSource(seed);
            var plainRandom = new RandomSource(seed);
            table.Split(pieces, step, offset, random);
            Rows(table).Should().Equal(PlainRegions.Split(plain, 4096, pieces, step, offset, plainRandom));
            random.NextBits().Should().Be(plainRandom.NextBits(), "as many numbers were drawn");
        }, iter: 500);

    [Fact]
    public void A_merge_equals_the_rule_applied_region_by_region() =>
        Gen.Select(Row.List[0, 40], Gen.OneOf(Gen.UInt[0, 3], Gen.UInt[0, 30], Gen.UInt), Pages, Gen.Bool, Gen.Bool).Sample((rows, threshold, limitPages, countAges, holdsAges) =>
        {
            var (table, plain) = Make(rows);
            table.HoldsAges = holdsAges;
            table.Merge(threshold, limitPages * 8192, countAges);
            Rows(table).Should().Equal(PlainRegions.Merge(plain, threshold, limitPages * 8192, countAges, holdsAges));
            table.TotalBytes.Should().Be(rows.Aggregate(0UL, (sum, r) => sum + (r.Pages * 4096)));
        }, iter: 500);

    private static (RegionTable Table, List<(Region Region, ulong Ledger)> Plain) Make(List<(ulong Gap, ulong Pages, uint Accesses, uint Last, uint Age, uint Partly, ulong Ledger)> rows)
    {
        var table = new RegionTable(4096, ledgers: 1);
        var plain = new List<(Region Region, ulong Ledger)>();
        var end = 4096UL;
        foreach (var row in rows)
        {
            var start = end + (row.Gap * 4096);
            end = start + (row.Pages * 4096);
            table.Append(new Region(start, end, row.Accesses, row.Last, row.Age, row.Partly));
            var ledger = Math.Min(row.Ledger, end - start);
            table.LedgerOf(table.Count - 1)[0] = ledger;
            plain.Add((table[table.Count - 1], ledger));
        }

        return (table, plain);
    }

    private static List<(Region Region, ulong Ledger)> Rows(RegionTable table) => [.. Enumerable.Range(0, table.Count).Select(i => (table[i], table.LedgerOf(i)[0]))];
}

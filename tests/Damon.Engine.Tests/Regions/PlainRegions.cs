using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

/// <summary>The rules of splitting and merging as they are told, one region after the other: slow, and what <see cref="RegionTable"/> has to equal.</summary>
internal static class PlainRegions
{
    public static List<(Region Region, ulong Ledger)> Split(IReadOnlyList<(Region Region, ulong Ledger)> regions, ulong minRegionBytes, int pieces, int step, int offset, RandomSource random)
    {
        var result = new List<(Region Region, ulong Ledger)>();
        for (var i = 0; i < regions.Count; i++)
        {
            var (region, ledger) = regions[i];
            var borders = new List<ulong> { region.Start, region.End };
            for (var cut = 1; (i + offset) % step == 0 && cut < pieces && borders[1] - region.Start > 2 * minRegionBytes; cut++)
            {
                var size = borders[1] - region.Start;
                var left = (ulong)((UInt128)size * (1 + random.NextBelow(9)) / 10) / minRegionBytes * minRegionBytes;
                if (left > 0 && left < size)
                {
                    borders.Insert(1, region.Start + left);
                }
            }

            for (var part = 0; part + 1 < borders.Count; part++)
            {
                result.Add((region with { Start = borders[part], End = borders[part + 1] }, (ulong)((UInt128)ledger * (borders[part + 1] - borders[part]) / region.SizeBytes)));
            }
        }

        return result;
    }

    public static List<(Region Region, ulong Ledger)> Merge(IReadOnlyList<(Region Region, ulong Ledger)> regions, uint threshold, ulong limitBytes, bool countAges, bool holdsAges)
    {
        var result = new List<(Region Region, ulong Ledger)>();
        foreach (var (found, ledger) in regions)
        {
            var region = found;
            if (countAges)
            {
                var changed = Math.Abs((long)region.Accesses - region.LastAccesses) > threshold || (region.Accesses == 0) != (region.LastAccesses == 0);
                region = region with { Age = changed ? 0 : region.Age + (holdsAges ? 0u : 1u) };
            }

            if (result.Count > 0
                && result[^1] is var (last, lastLedger)
                && last.End == region.Start
                && Math.Abs((long)last.Accesses - region.Accesses) <= threshold
                && region.End - last.Start <= limitBytes)
            {
                result[^1] = (last with
                {
                    End = region.End,
                    Accesses = Mean(last.Accesses, last, region.Accesses, region),
                    Age = Mean(last.Age, last, region.Age, region),
                    PartlyAccessed = Math.Max(last.PartlyAccessed, region.PartlyAccessed),
                }, lastLedger + ledger);
            }
            else
            {
                result.Add((region, ledger));
            }
        }

        return result;
    }

    private static uint Mean(uint left, Region leftRegion, uint right, Region rightRegion) =>
        (uint)((((UInt128)left * leftRegion.SizeBytes) + ((UInt128)right * rightRegion.SizeBytes)) / ((UInt128)leftRegion.SizeBytes + rightRegion.SizeBytes));
}

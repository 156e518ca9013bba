using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.Probes;

/// <summary>Where a process has memory.</summary>
internal static class AddressSpace
{
    /// <summary>Reads the ranges of <c>/proc/PID/maps</c> that can hold pages; neighbours become one.</summary>
    /// <param name="maps">The whole file.</param>
    /// <param name="ranges">Is cleared, then filled, ascending.</param>
    public static void Read(ReadOnlySpan<byte> maps, AddressRangeList ranges)
    {
        ranges.Clear();
        var open = default(AddressRange);
        foreach (var mapping in ProcMaps.Enumerate(maps))
        {
            if (mapping.Start < open.End || !mapping.CanHoldPages)
            {
                continue;
            }

            if (mapping.Start == open.End)
            {
                open = open with { End = mapping.End };
            }
            else
            {
                ranges.Add(open);
                open = new AddressRange(mapping.Start, mapping.End);
            }
        }

        ranges.Add(open);
    }
}

using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Where the machine's memory lies: <c>/proc/iomem</c> says what is memory, the zones of <c>/proc/zoneinfo</c> on which node it is. Linux 7.3 shows the memory of several nodes as one range, so that the first
/// file alone does not tell nodes apart; and zones span holes, so that the second one alone does not tell memory.
/// </summary>
/// <param name="Ranges">Memory, ascending, without overlaps, page aligned.</param>
/// <param name="NodeRanges">The same by node. Where the kernel's nodes interleave, a range may be in two.</param>
public sealed record PhysicalMemory(IReadOnlyList<AddressRange> Ranges, IReadOnlyDictionary<int, IReadOnlyList<AddressRange>> NodeRanges)
{
    private const string Iomem = "/proc/iomem";
    private const string Zoneinfo = "/proc/zoneinfo";
    private const int MaxRanges = 65_536;

    /// <summary>No machine addresses more than 56 bits (five-level tables on x86, 52 bits elsewhere); anything above is not an address.</summary>
    private const ulong MostAddress = 1UL << 56;

    /// <summary>Reads it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="pageBytes">The size of a page, a power of two.</param>
    /// <returns>
    /// The memory; <see cref="HostErrorKind.Denied"/> where the kernel hides addresses from readers without rights, <see cref="HostErrorKind.Malformed"/> where a file is not of the kernel's form.
    /// </returns>
    public static HostResult<PhysicalMemory> Read(HostRoot host, ulong pageBytes)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!ulong.IsPow2(pageBytes))
        {
            throw new ArgumentOutOfRangeException(nameof(pageBytes), pageBytes, "A page is a power of two.");
        }

        var reader = new HostReader(maxBytes: 16 * 1024 * 1024);
        var read = host.Read(Iomem, reader);
        if (!read.IsOk)
        {
            return read.Error;
        }

        var memory = ParseIomem(reader.Content, pageBytes);
        if (!memory.TryGet(out var ranges))
        {
            return memory.Error;
        }

        read = host.Read(Zoneinfo, reader);
        if (!read.IsOk)
        {
            return read.Error;
        }

        var zones = ParseZones(reader.Content, pageBytes);
        if (!zones.TryGet(out var spans))
        {
            return zones.Error;
        }

        return new PhysicalMemory(ranges, spans.ToDictionary(node => node.Key, node => (IReadOnlyList<AddressRange>)Intersect(Merge(node.Value), ranges)));
    }

    private static HostResult<List<AddressRange>> ParseIomem(ReadOnlySpan<byte> content, ulong pageBytes)
    {
        var found = new List<AddressRange>();
        var hidden = false;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            // Memory behind a CXL window is listed below it: "  480000000-57fffffff : System RAM (kmem)".
            var separator = line.IndexOf(" : "u8);
            if (separator < 0 || !line[(separator + 3)..].StartsWith("System RAM"u8))
            {
                continue;
            }

            var range = line[..separator].Trim((byte)' ');
            var dash = range.IndexOf((byte)'-');
            if (dash < 0 || !ProcText.TryParseHex(range[..dash], out var first) || !ProcText.TryParseHex(range[(dash + 1)..], out var last) || last < first || last >= MostAddress)
            {
                return new HostError(HostErrorKind.Malformed, Iomem, "a line of System RAM has no range of addresses");
            }

            if (last == 0)
            {
                hidden = true;
                continue;
            }

            var (start, end) = (Up(first, pageBytes), (last + 1) / pageBytes * pageBytes);
            if (start < end)
            {
                found.Add(new AddressRange(start, end));
            }

            if (found.Count > MaxRanges)
            {
                return new HostError(HostErrorKind.Malformed, Iomem, $"more than {MaxRanges} ranges of System RAM");
            }
        }

        if (found.Count > 0)
        {
            return Merge(found);
        }

        return hidden
            ? new HostError(HostErrorKind.Denied, Iomem, "the kernel shows addresses to readers with CAP_SYS_ADMIN only")
            : new HostError(HostErrorKind.Malformed, Iomem, "there is no System RAM in it");
    }

    private static HostResult<Dictionary<int, List<AddressRange>>> ParseZones(ReadOnlySpan<byte> content, ulong pageBytes)
    {
        var nodes = new Dictionary<int, List<AddressRange>>();
        var node = -1;
        ulong spanned = 0;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (line.StartsWith("Node "u8))
            {
                // "Node 0, zone   Normal"
                var comma = line.IndexOf((byte)',');
                if (comma < 0 || !ProcText.TryParseNumber(line["Node ".Length..comma], out var number) || number > Schemes.QuotaGoal.MaxNode)
                {
                    return new HostError(HostErrorKind.Malformed, Zoneinfo, "a zone names no memory node");
                }

                (node, spanned) = ((int)number, 0);
                continue;
            }

            var rest = line;
            if (!ProcText.TryTakeWord(ref rest, out var key))
            {
                continue;
            }

            if (key.SequenceEqual("spanned"u8))
            {
                if (!ProcText.TryTakeWord(ref rest, out var word) || !ProcText.TryParseNumber(word, out spanned) || spanned > MostAddress / pageBytes)
                {
                    return new HostError(HostErrorKind.Malformed, Zoneinfo, "a zone spans an impossible number of pages");
                }
            }
            else if (key.SequenceEqual("start_pfn:"u8) && spanned > 0)
            {
                if (node < 0 || !ProcText.TryTakeWord(ref rest, out var word) || !ProcText.TryParseNumber(word, out var start) || start > (MostAddress / pageBytes) - spanned)
                {
                    return new HostError(HostErrorKind.Malformed, Zoneinfo, "a zone begins at an impossible page");
                }

                if (!nodes.TryGetValue(node, out var spans))
                {
                    nodes.Add(node, spans = []);
                }

                spans.Add(new AddressRange(start * pageBytes, (start + spanned) * pageBytes));
                spanned = 0;
            }
        }

        return nodes.Count > 0 ? nodes : new HostError(HostErrorKind.Malformed, Zoneinfo, "no zone in it has memory");
    }

    private static List<AddressRange> Merge(List<AddressRange> ranges)
    {
        var merged = new List<AddressRange>();
        foreach (var range in ranges.OrderBy(range => range.Start))
        {
            if (merged.Count > 0 && range.Start <= merged[^1].End)
            {
                merged[^1] = new AddressRange(merged[^1].Start, Math.Max(merged[^1].End, range.End));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private static List<AddressRange> Intersect(List<AddressRange> left, List<AddressRange> right)
    {
        var both = new List<AddressRange>();
        for (int l = 0, r = 0; l < left.Count && r < right.Count;)
        {
            var (start, end) = (Math.Max(left[l].Start, right[r].Start), Math.Min(left[l].End, right[r].End));
            if (start < end)
            {
                both.Add(new AddressRange(start, end));
            }

            if (left[l].End < right[r].End)
            {
                l++;
            }
            else
            {
                r++;
            }
        }

        return both;
    }

    private static ulong Up(ulong address, ulong pageBytes) => (address + pageBytes - 1) / pageBytes * pageBytes;
}

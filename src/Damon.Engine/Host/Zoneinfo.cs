namespace Damon.Engine.Host;

/// <summary>
/// <c>/proc/zoneinfo</c> (proc(5)): for each zone of each memory node the free pages and the watermarks. Below the high watermark the kernel's own reclaim goes on working, above it a node has room.
/// </summary>
public static class Zoneinfo
{
    /// <summary>Finds how many pages a node has free above the high watermarks of its zones.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="node">The node's number.</param>
    /// <param name="pages">The sum over its zones; a zone below its watermark counts as nothing and takes nothing from the others.</param>
    /// <returns>False where the node is not there, or one of its zones does not say both numbers.</returns>
    public static bool TryGetFreeAboveHigh(ReadOnlySpan<byte> content, int node, out ulong pages)
    {
        pages = 0;
        var isInNode = false;
        var zones = 0;
        ulong? free = null;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (line.StartsWith("Node "u8))
            {
                if (free is not null)
                {
                    return false;
                }

                line = line[5..];
                isInNode = ProcText.TryTakeWord(ref line, out var number) && number is [.., (byte)','] && ProcText.TryParseNumber(number[..^1], out var which) && which == (ulong)node;
                continue;
            }

            if (!isInNode || !ProcText.TryTakeWord(ref line, out var key))
            {
                continue;
            }

            if (key.SequenceEqual("pages"u8) && ProcText.TryTakeWord(ref line, out var kind) && kind.SequenceEqual("free"u8))
            {
                // Its watermarks stand behind it; a second one before them would be a zone cut short.
                if (free is not null || !ProcText.TryTakeWord(ref line, out var word) || !ProcText.TryParseNumber(word, out var count))
                {
                    return false;
                }

                free = count;
            }
            else if (free is { } freePages && key.SequenceEqual("high"u8))
            {
                if (!ProcText.TryTakeWord(ref line, out var word) || !ProcText.TryParseNumber(word, out var high))
                {
                    return false;
                }

                pages += freePages > high ? freePages - high : 0;
                free = null;
                zones++;
            }
        }

        return free is null && zones > 0;
    }
}

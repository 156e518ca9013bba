using System.Buffers.Text;

namespace Damon.Engine.Host;

/// <summary><c>/sys/devices/system/node/nodeN/meminfo</c>, in bytes. Its lines are those of /proc/meminfo with "Node N" in front; it has no estimate of available memory.</summary>
/// <param name="TotalBytes">The node's memory; 0 for a node of processors alone.</param>
/// <param name="FreeBytes">Unused memory.</param>
/// <param name="ActiveBytes">On the active page lists; 0 where the file does not say.</param>
/// <param name="InactiveBytes">On the inactive page lists; 0 where the file does not say.</param>
public readonly record struct NodeMeminfo(ulong TotalBytes, ulong FreeBytes, ulong ActiveBytes, ulong InactiveBytes)
{
    /// <summary>Reads the file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="meminfo">What it says.</param>
    /// <returns>False where total or free memory is missing, or a known field has an impossible value.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out NodeMeminfo meminfo)
    {
        meminfo = default;
        var fields = default(MeminfoFields);
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (ProcText.TryTakeWord(ref line, out var word) && word.SequenceEqual("Node"u8) && ProcText.TryTakeWord(ref line, out var number)
                && Utf8Parser.TryParse(number, out int _, out var used) && used == number.Length
                && ProcText.TrySplitField(ProcText.SkipSpace(line), out var name, out var value) && !fields.TryTake(name, value))
            {
                return false;
            }
        }

        if (fields is not { Total: { } total, Free: { } free })
        {
            return false;
        }

        meminfo = new NodeMeminfo(total, free, fields.Active, fields.Inactive);
        return true;
    }
}

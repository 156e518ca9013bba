using System.Text;

namespace Damon.Engine.Host;

/// <summary>One line of <c>/proc/swaps</c>.</summary>
/// <param name="Path">The device or file, as written: spaces are escaped by the kernel.</param>
/// <param name="Type">partition or file.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="UsedBytes">In use; never above the size here.</param>
/// <param name="Priority">Higher is used first.</param>
public readonly record struct SwapDevice(string Path, string Type, ulong SizeBytes, ulong UsedBytes, int Priority)
{
    /// <summary>Not in use.</summary>
    public ulong FreeBytes => SizeBytes - UsedBytes;

    /// <summary>Reads the file; lines of another shape are passed over.</summary>
    /// <param name="content">The whole file.</param>
    public static IReadOnlyList<SwapDevice> Parse(ReadOnlySpan<byte> content)
    {
        var devices = new List<SwapDevice>();
        _ = ProcText.TryTakeLine(ref content, out _);
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (ProcText.TryTakeWord(ref line, out var path) && ProcText.TryTakeWord(ref line, out var type)
                && ProcText.TryTakeWord(ref line, out var sizeWord) && ProcText.TryParseNumber(sizeWord, out var size) && size <= ulong.MaxValue / 1024
                && ProcText.TryTakeWord(ref line, out var usedWord) && ProcText.TryParseNumber(usedWord, out var used) && used <= size
                && ProcText.TryTakeWord(ref line, out var priorityWord) && int.TryParse(priorityWord, out var priority))
            {
                devices.Add(new SwapDevice(Encoding.UTF8.GetString(path), Encoding.UTF8.GetString(type), size * 1024, used * 1024, priority));
            }
        }

        return devices;
    }
}

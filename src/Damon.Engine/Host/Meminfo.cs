namespace Damon.Engine.Host;

/// <summary><c>/proc/meminfo</c>, in bytes.</summary>
/// <param name="TotalBytes">Usable memory.</param>
/// <param name="FreeBytes">Unused memory.</param>
/// <param name="AvailableBytes">What could be given to new programs without swapping, by the kernel's estimate.</param>
/// <param name="SwapTotalBytes">Swap.</param>
/// <param name="SwapFreeBytes">Unused swap.</param>
public readonly record struct Meminfo(ulong TotalBytes, ulong FreeBytes, ulong AvailableBytes, ulong SwapTotalBytes, ulong SwapFreeBytes)
{
    /// <summary>On the active page lists; 0 where the file does not say.</summary>
    public ulong ActiveBytes { get; init; }

    /// <summary>On the inactive page lists; 0 where the file does not say.</summary>
    public ulong InactiveBytes { get; init; }

    /// <summary>Reads the file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="meminfo">What it says.</param>
    /// <returns>False where total or available memory is missing, or a known field has an impossible value.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out Meminfo meminfo)
    {
        meminfo = default;
        var fields = default(MeminfoFields);
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (ProcText.TrySplitField(line, out var name, out var value) && !fields.TryTake(name, value))
            {
                return false;
            }
        }

        if (fields is not { Total: { } total, Available: { } available })
        {
            return false;
        }

        meminfo = new Meminfo(total, fields.Free ?? 0, available, fields.SwapTotal, fields.SwapFree) { ActiveBytes = fields.Active, InactiveBytes = fields.Inactive };
        return true;
    }
}

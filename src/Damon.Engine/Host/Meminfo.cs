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
        var found = default(Meminfo);
        var needed = 0;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (!ProcText.TrySplitField(line, out var name, out var value))
            {
                continue;
            }

            ulong bytes = 0;
            var ok = true;
            if (name.SequenceEqual("MemTotal"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out bytes);
                found = found with { TotalBytes = bytes };
                needed |= 1;
            }
            else if (name.SequenceEqual("MemFree"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out bytes);
                found = found with { FreeBytes = bytes };
            }
            else if (name.SequenceEqual("MemAvailable"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out bytes);
                found = found with { AvailableBytes = bytes };
                needed |= 2;
            }
            else if (name.SequenceEqual("SwapTotal"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out bytes);
                found = found with { SwapTotalBytes = bytes };
            }
            else if (name.SequenceEqual("SwapFree"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out bytes);
                found = found with { SwapFreeBytes = bytes };
            }

            else if (name.SequenceEqual("Active"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out bytes);
                found = found with { ActiveBytes = bytes };
            }
            else if (name.SequenceEqual("Inactive"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out bytes);
                found = found with { InactiveBytes = bytes };
            }

            if (!ok)
            {
                return false;
            }
        }

        meminfo = needed == 3 ? found : default;
        return needed == 3;
    }
}

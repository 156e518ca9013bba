using System.Globalization;

namespace Damon.Cli;

/// <summary>Numbers as people read them. JSON output never uses these.</summary>
internal static class Format
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static string Bytes(ulong bytes)
    {
        var value = (double)bytes;
        var unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 || value >= 100 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Share(double share) => (share * 100).ToString(share is > 0 and < 0.1 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " %";

    public static string Duration(TimeSpan time) => time switch
    {
        { Ticks: < TimeSpan.TicksPerSecond } => time.TotalMilliseconds.ToString("0.#", CultureInfo.InvariantCulture) + "ms",
        { Ticks: < TimeSpan.TicksPerMinute } => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + "s",
        { Ticks: < TimeSpan.TicksPerHour } => $"{time.Minutes}m{time.Seconds:00}s",
        _ => $"{(int)time.TotalHours}h{time.Minutes:00}m",
    };
}

using System.Globalization;

namespace Damon.Demo.Reports;

/// <summary>Figures as people read them. Shares keep enough digits that one beside its bound is not rounded onto it.</summary>
internal static class Text
{
    private const double MebiByte = 1 << 20;

    public static string Bytes(ulong bytes) => bytes is > 0 and < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / MebiByte:0.0} MiB");

    public static string SignedBytes(long bytes) => bytes < 0 ? "-" + Bytes((ulong)-bytes) : Bytes((ulong)bytes);

    public static string Percent(double share) =>
        double.IsNaN(share) ? "not measured" : (share * 100).ToString("0.###", CultureInfo.InvariantCulture) + " %";

    public static string SignedPercent(double share) =>
        double.IsNaN(share) ? "not measured" : (share * 100).ToString("+0.##;-0.##;0", CultureInfo.InvariantCulture) + " %";

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0#", CultureInfo.InvariantCulture) + " s";

    /// <summary>A duration as both children's command lines take it.</summary>
    public static string Option(TimeSpan duration) => duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms";

    public static string Millions(double perSecond) => (perSecond / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " M/s";
}

using System.Globalization;

namespace Damon.Testing.Oracle;

/// <summary>
/// damo's numbers, in its own arithmetic: it reads what it prints in double precision and writes whole numbers to the files, cut off. Apart from the product's reader on purpose: an oracle
/// that is read with the product's own code is none.
/// </summary>
internal static class DamoNumber
{
    private const double Highest = ulong.MaxValue;

    private static readonly (string Unit, double Bytes)[] Sizes =
        [("EiB", 1L << 60), ("PiB", 1L << 50), ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    private static readonly (string Unit, double Nanoseconds)[] Times = [("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86400e9)];

    public static double Count(string text) => text == "max" ? Highest : double.Parse(text.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    public static double Bytes(string text)
    {
        if (text == "max")
        {
            return Highest;
        }

        var (unit, bytes) = Sizes.First(size => text.EndsWith(size.Unit, StringComparison.Ordinal));
        return Count(text[..^unit.Length].Trim()) * bytes;
    }

    /// <summary>Where it is the highest number, that is the highest in the file's own unit.</summary>
    public static double Time(string text, double unitNanoseconds)
    {
        if (text == "max")
        {
            return Highest;
        }

        var words = text.Split(' ');
        var nanoseconds = 0.0;
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            nanoseconds += Count(words[i]) * Array.Find(Times, time => time.Unit == words[i + 1]).Nanoseconds;
        }

        return words.Length % 2 == 0 ? nanoseconds / unitNanoseconds : throw new FormatException($"{text} is no time.");
    }

    public static double Share(string text, double whole) =>
        text.EndsWith(" %", StringComparison.Ordinal) ? Count(text[..^2]) / 100 * whole : throw new FormatException($"{text} is no share.");

    /// <summary>As it is written: whole, and never more than the highest number that a file takes.</summary>
    public static string ToFile(double value) => value >= Highest ? ulong.MaxValue.ToString(CultureInfo.InvariantCulture) : ((ulong)value).ToString(CultureInfo.InvariantCulture);
}

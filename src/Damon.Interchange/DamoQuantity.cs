using System.Buffers;
using System.Globalization;

namespace Damon.Interchange;

/// <summary>
/// Numbers as damo prints and reads them: plain or with thousands separators, sizes such as <c>4.000 KiB</c>, times such as <c>1 h 30 m</c> or <c>5ms</c>,
/// shares such as <c>80 %</c>, and the words <c>min</c> and <c>max</c>. A plain number is in the unit that its field's name says.
/// </summary>
public static class DamoQuantity
{
    /// <summary>What <c>max</c> means, and everything from it on: no limit.</summary>
    public const decimal Max = ulong.MaxValue;

    private const int MaxLength = 200;

    private static readonly SearchValues<char> TimeDigits = SearchValues.Create("0123456789.,");
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,eE+- ");

    private static readonly (string Name, int Shift)[] SizeUnits =
    [
        ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("PiB", 50), ("EiB", 60),
        ("KB", 10), ("MB", 20), ("GB", 30), ("TB", 40), ("PB", 50), ("EB", 60),
        ("K", 10), ("M", 20), ("G", 30), ("T", 40), ("P", 50), ("E", 60), ("B", 0),
    ];

    private static readonly (string Name, decimal Nanoseconds)[] TimeUnits =
    [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ];

    /// <summary>Reads a number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The number, at most <see cref="Max"/>.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryNumber(string text, out decimal value)
    {
        value = 0;
        if (text.Length > MaxLength)
        {
            return false;
        }

        var trimmed = text.Trim();
        switch (trimmed)
        {
            case "min":
                return true;
            case "max":
                value = Max;
                return true;
        }

        if (!decimal.TryParse(trimmed.Replace(",", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return false;
        }

        value = Math.Min(value, Max);
        return true;
    }

    /// <summary>Reads a size.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">Whole bytes, rounded down; at most <see cref="ulong.MaxValue"/>.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryBytes(string text, out ulong bytes)
    {
        bytes = 0;
        var trimmed = text.Trim();
        var factor = 1m;
        if (!TryNumber(trimmed, out var number))
        {
            var unit = Array.Find(SizeUnits, unit => trimmed.EndsWith(unit.Name, StringComparison.Ordinal));
            if (unit.Name is null || !IsDigits(trimmed.AsSpan(0, trimmed.Length - unit.Name.Length)) || !TryNumber(trimmed[..^unit.Name.Length], out number))
            {
                return false;
            }

            factor = 1UL << unit.Shift;
        }

        if (number < 0)
        {
            return false;
        }

        bytes = number >= Max / factor ? ulong.MaxValue : (ulong)(number * factor);
        return true;
    }

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="plainUnitNanoseconds">What a plain number counts: 1,000 for a field whose name ends in <c>_us</c>.</param>
    /// <param name="nanoseconds">The time; <see cref="Max"/> for no limit.</param>
    /// <returns>Whether it is one; a negative time is none.</returns>
    public static bool TryTime(string text, decimal plainUnitNanoseconds, out decimal nanoseconds)
    {
        nanoseconds = 0;
        if (TryNumber(text, out var number))
        {
            nanoseconds = number >= Max / plainUnitNanoseconds ? Max : number * plainUnitNanoseconds;
            return number >= 0;
        }

        var rest = text.AsSpan().Trim();
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExcept(TimeDigits);
            if (length <= 0 || !TryNumber(rest[..length].ToString(), out number))
            {
                return false;
            }

            rest = rest[length..].TrimStart();
            var unitLength = rest.IndexOfAnyExceptInRange('a', 'z');
            var name = unitLength < 0 ? rest : rest[..unitLength];
            var factor = 0m;
            foreach (var unit in TimeUnits)
            {
                factor = name.SequenceEqual(unit.Name) ? unit.Nanoseconds : factor;
            }

            if (factor == 0)
            {
                return false;
            }

            nanoseconds = number >= (Max - nanoseconds) / factor ? Max : nanoseconds + (number * factor);
            rest = rest[name.Length..].TrimStart();
        }

        return text.Length <= MaxLength && text.AsSpan().Trim().Length > 0;
    }

    /// <summary>Reads a share.</summary>
    /// <param name="text">The text.</param>
    /// <param name="whole">What a plain number of the whole is: 100 for percents, 1,000 for a field whose name ends in <c>_permil</c>, 10,000 for <c>_bp</c>.</param>
    /// <param name="share">The share, 1 for the whole; <see cref="Max"/> for no limit.</param>
    /// <returns>Whether it is one; a negative share is none.</returns>
    public static bool TryShare(string text, decimal whole, out decimal share)
    {
        var trimmed = text.Trim();
        var isPercent = trimmed.EndsWith('%');
        if (!TryNumber(isPercent ? trimmed[..^1] : trimmed, out share))
        {
            return false;
        }

        share = share >= Max ? Max : share / (isPercent ? 100 : whole);
        return share >= 0;
    }

    /// <summary>Writes a size so that it is read as the same number of bytes.</summary>
    /// <param name="bytes">The size; the largest is <c>max</c>.</param>
    public static string OfBytes(ulong bytes)
    {
        if (bytes == ulong.MaxValue)
        {
            return "max";
        }

        for (var i = 5; i >= 0; i--)
        {
            var (name, shift) = SizeUnits[i];
            if (bytes != 0 && bytes >> shift << shift == bytes)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift} {name}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
    }

    /// <summary>Writes a time so that it is read as the same time.</summary>
    /// <param name="nanoseconds">Whole nanoseconds, not negative.</param>
    public static string OfTime(decimal nanoseconds)
    {
        if (nanoseconds >= Max)
        {
            return "max";
        }

        var parts = new List<string>();
        for (var i = TimeUnits.Length - 1; i >= 0; i--)
        {
            var (name, length) = TimeUnits[i];
            if (nanoseconds >= length)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{decimal.Floor(nanoseconds / length):0} {name}"));
                nanoseconds %= length;
            }
        }

        return parts.Count == 0 ? "0 ns" : string.Join(' ', parts);
    }

    /// <summary>Writes a share as a percentage.</summary>
    /// <param name="share">1 for the whole.</param>
    public static string OfShare(decimal share) => (share * 100).ToString("0.##########", CultureInfo.InvariantCulture) + " %";

    /// <summary>Writes a whole number with thousands separators, as damo does.</summary>
    /// <param name="number">The number.</param>
    public static string OfNumber(ulong number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static bool IsDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(NumberCharacters) < 0;
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Damon.Api.Units;

/// <summary>
/// A number of bytes, written as a Kubernetes quantity: <c>64Mi</c>, <c>1G</c>, <c>0.5Gi</c>, <c>4096</c>.
/// </summary>
/// <remarks>
/// The text it was read from is kept, so that reading and writing it again changes nothing; equality and order look at the bytes alone.
/// Accepted are a decimal number without a sign, an exponent or leading zeros, with at most 19 digits before and 9 after the point, and one of the suffixes
/// <c>m k M G T P E Ki Mi Gi Ti Pi Ei</c> or none. The value is a whole number of bytes below 2⁶³, the bound of the Kubernetes type.
/// The caps on digits are there because a schema's pattern can state them: without one, nineteen nines and a suffix pass every later comparison.
/// </remarks>
public readonly record struct Quantity : IComparable<Quantity>
{
    private const string AcceptedForm = "write a Kubernetes quantity such as 8Mi";
    private const int MaxIntegerDigits = 19;
    private const int MaxDecimals = 9;

    private static readonly (string Suffix, BigInteger Numerator, int Denominator)[] Suffixes =
    [
        ("m", 1, 1000), ("k", Power(1000, 1), 1), ("M", Power(1000, 2), 1), ("G", Power(1000, 3), 1), ("T", Power(1000, 4), 1), ("P", Power(1000, 5), 1), ("E", Power(1000, 6), 1),
        ("Ki", Power(1024, 1), 1), ("Mi", Power(1024, 2), 1), ("Gi", Power(1024, 3), 1), ("Ti", Power(1024, 4), 1), ("Pi", Power(1024, 5), 1), ("Ei", Power(1024, 6), 1),
    ];

    private readonly string? _text;

    private Quantity(ulong bytes, string text)
    {
        Bytes = bytes;
        _text = text;
    }

    /// <summary>The size in bytes, below 2⁶³.</summary>
    public ulong Bytes { get; }

    /// <summary>Writes a number of bytes with the largest binary suffix that divides it.</summary>
    /// <param name="bytes">Below 2⁶³.</param>
    /// <returns>The quantity.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is 2⁶³ or more.</exception>
    public static Quantity FromBytes(ulong bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (ulong)long.MaxValue);
        string[] suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        var power = bytes == 0 ? 0 : Math.Min(BitOperations.TrailingZeroCount(bytes) / 10, suffixes.Length - 1);
        return new(bytes, string.Create(CultureInfo.InvariantCulture, $"{bytes >> (power * 10)}{suffixes[power]}"));
    }

    /// <summary>Reads a quantity.</summary>
    /// <param name="text">As it was written.</param>
    /// <param name="value">The quantity, or zero.</param>
    /// <param name="error">What is wrong and what is accepted; null where nothing is wrong.</param>
    /// <returns>Whether the text is a quantity of bytes.</returns>
    public static bool TryParse(string text, out Quantity value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        error = null;
        if (!DecimalNumber.TryRead(text, out var number, out var length) || number.HasLeadingZero || !TryFindSuffix(text.AsSpan(length), out var numerator, out var denominator))
        {
            error = text.StartsWith('-') && text.Length > 1 && char.IsAsciiDigit(text[1])
                ? $"{QuotedText.Of(text)} is negative, a size is not; {AcceptedForm}"
                : $"{QuotedText.Of(text)} is not a size; {AcceptedForm}";
            return false;
        }

        if (number.IntegerDigits > MaxIntegerDigits || number.Decimals > MaxDecimals)
        {
            error = $"{QuotedText.Of(text)} has too many digits for a size; write at most {MaxIntegerDigits} before and {MaxDecimals} after the point";
            return false;
        }

        var bytes = BigInteger.DivRem(number.Digits * numerator, denominator * BigInteger.Pow(10, number.Decimals), out var rest);
        if (!rest.IsZero)
        {
            error = $"{QuotedText.Of(text)} is not a whole number of bytes; {AcceptedForm}";
            return false;
        }

        if (bytes > long.MaxValue)
        {
            error = $"{QuotedText.Of(text)} is too large for a size; write a quantity below 8Ei";
            return false;
        }

        value = new((ulong)bytes, text);
        return true;
    }

    /// <summary>Reads a quantity that is known to be one.</summary>
    /// <param name="text">As it was written.</param>
    /// <returns>The quantity.</returns>
    /// <exception cref="FormatException">The text is not a quantity of bytes.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var value, out var error) ? value : throw new FormatException(error);

    /// <summary>Compares two sizes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(Quantity left, Quantity right) => left.Bytes < right.Bytes;

    /// <summary>Compares two sizes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(Quantity left, Quantity right) => left.Bytes > right.Bytes;

    /// <summary>Compares two sizes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(Quantity left, Quantity right) => left.Bytes <= right.Bytes;

    /// <summary>Compares two sizes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(Quantity left, Quantity right) => left.Bytes >= right.Bytes;

    /// <inheritdoc/>
    public int CompareTo(Quantity other) => Bytes.CompareTo(other.Bytes);

    /// <summary>Whether both are the same number of bytes, however written.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether they are.</returns>
    public bool Equals(Quantity other) => Bytes == other.Bytes;

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.GetHashCode();

    /// <summary>The text it was read from.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text ?? "0";

    private static bool TryFindSuffix(ReadOnlySpan<char> suffix, out BigInteger numerator, out int denominator)
    {
        (numerator, denominator) = (1, 1);
        if (suffix.IsEmpty)
            return true;
        foreach (var known in Suffixes)
        {
            if (suffix.SequenceEqual(known.Suffix))
            {
                (numerator, denominator) = (known.Numerator, known.Denominator);
                return true;
            }
        }

        return false;
    }

    private static BigInteger Power(int value, int exponent) => BigInteger.Pow(value, exponent);
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Damon.Api.Units;

/// <summary>A share from 0 to 100 %, written as a percent: <c>5%</c>, <c>0.2%</c>.</summary>
/// <remarks>
/// The text it was read from is kept; equality and order look at the share alone. Accepted are a decimal number without a sign or leading zeros, with at most
/// four digits after the point, and the sign <c>%</c>; the share is therefore a whole number of millionths.
/// </remarks>
public readonly record struct Percent : IComparable<Percent>
{
    private const string AcceptedForm = "write a percent from 0% to 100% such as \"5%\"";
    private const int MaxIntegerDigits = 3;
    private const int MaxDecimals = 4;

    private readonly string? _text;

    private Percent(int millionths, string text)
    {
        Millionths = millionths;
        _text = text;
    }

    /// <summary>The share in millionths, exact, from 0 to 1,000,000.</summary>
    public int Millionths { get; }

    /// <summary>The share from 0 to 1.</summary>
    public double Share => Millionths / 1e6;

    /// <summary>Writes a share in the shortest accepted form.</summary>
    /// <param name="millionths">From 0 to 1,000,000.</param>
    /// <returns>The percent.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Below 0 or above 1,000,000.</exception>
    public static Percent FromMillionths(int millionths)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(millionths);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(millionths, 1_000_000);
        return new(millionths, string.Create(CultureInfo.InvariantCulture, $"{millionths / 10_000m:0.####}%"));
    }

    /// <summary>Reads a percent.</summary>
    /// <param name="text">As it was written.</param>
    /// <param name="value">The percent, or zero.</param>
    /// <param name="error">What is wrong and what is accepted; null where nothing is wrong.</param>
    /// <returns>Whether the text is a percent.</returns>
    public static bool TryParse(string text, out Percent value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        error = null;
        if (!DecimalNumber.TryRead(text, out var number, out var length) || number.HasLeadingZero || text.AsSpan(length) is not "%")
        {
            error = $"{QuotedText.Of(text)} is not a share; {AcceptedForm}";
            return false;
        }

        if (number.Decimals > MaxDecimals)
        {
            error = $"{QuotedText.Of(text)} has too many digits for a share; write at most {MaxDecimals} after the point";
            return false;
        }

        // The check of the digits comes first: only then do they fit the integer.
        if (number.IntegerDigits > MaxIntegerDigits || (int)number.Digits * PowerOfTen(MaxDecimals - number.Decimals) > 1_000_000)
        {
            error = $"{QuotedText.Of(text)} is more than the whole; {AcceptedForm}";
            return false;
        }

        value = new((int)number.Digits * PowerOfTen(MaxDecimals - number.Decimals), text);
        return true;
    }

    /// <summary>Reads a percent that is known to be one.</summary>
    /// <param name="text">As it was written.</param>
    /// <returns>The percent.</returns>
    /// <exception cref="FormatException">The text is not a percent.</exception>
    public static Percent Parse(string text) => TryParse(text, out var value, out var error) ? value : throw new FormatException(error);

    /// <summary>Compares two shares.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(Percent left, Percent right) => left.Millionths < right.Millionths;

    /// <summary>Compares two shares.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(Percent left, Percent right) => left.Millionths > right.Millionths;

    /// <summary>Compares two shares.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(Percent left, Percent right) => left.Millionths <= right.Millionths;

    /// <summary>Compares two shares.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(Percent left, Percent right) => left.Millionths >= right.Millionths;

    /// <inheritdoc/>
    public int CompareTo(Percent other) => Millionths.CompareTo(other.Millionths);

    /// <summary>Whether both are the same share, however written.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether they are.</returns>
    public bool Equals(Percent other) => Millionths == other.Millionths;

    /// <inheritdoc/>
    public override int GetHashCode() => Millionths.GetHashCode();

    /// <summary>The text it was read from.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text ?? "0%";

    private static int PowerOfTen(int exponent) => exponent switch { 0 => 1, 1 => 10, 2 => 100, 3 => 1000, _ => 10_000 };
}

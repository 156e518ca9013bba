using System.Globalization;
using System.Numerics;

namespace Damon.Api.Units;

/// <summary>An unsigned decimal number at the front of a text, kept exact: its digits as one integer, and how many of them stand after the point.</summary>
internal readonly record struct DecimalNumber(BigInteger Digits, int IntegerDigits, int Decimals, bool HasLeadingZero)
{
    // Longer than anything a unit accepts: keeps a hostile text of a million digits from costing quadratic time.
    private const int MaxDigits = 64;

    /// <summary>Reads <c>digits[.digits]</c>; a point needs a digit on both sides.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out DecimalNumber number, out int length)
    {
        number = default;
        length = CountDigits(text);
        var integerDigits = length;
        if (integerDigits == 0)
            return false;
        var decimals = 0;
        if (length < text.Length && text[length] == '.')
        {
            decimals = CountDigits(text[(length + 1)..]);
            if (decimals == 0)
                return false;
            length += 1 + decimals;
        }

        if (integerDigits + decimals > MaxDigits)
        {
            number = new(BigInteger.Zero, integerDigits, decimals, false);
            return true;
        }

        var digits = BigInteger.Parse(text[..integerDigits], NumberStyles.None, CultureInfo.InvariantCulture);
        if (decimals > 0)
            digits = (digits * BigInteger.Pow(10, decimals)) + BigInteger.Parse(text.Slice(integerDigits + 1, decimals), NumberStyles.None, CultureInfo.InvariantCulture);
        number = new(digits, integerDigits, decimals, integerDigits > 1 && text[0] == '0');
        return true;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count]))
            count++;
        return count;
    }
}

using System.Globalization;
using System.Numerics;

namespace Damon.NodeAgent.Cluster;

/// <summary>
/// A memory quantity as the API server writes it: what any client has sent may stand there, <c>64Mi</c> as well as <c>1e3</c>, <c>128974848000m</c> or <c>1.5G</c>
/// (kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity). Wider than what a scheme may say (<see cref="Api.Units.Quantity"/>), and never an error.
/// </summary>
internal static class MemoryQuantity
{
    // The longest that the API server writes is some thirty characters; a text without bound would make a number without bound.
    private const int MaxLength = 64;
    private const int MaxExponent = 30;

    /// <summary>Bytes, rounded up; 0 for what is negative or no quantity, and the most a number holds for what is beyond it.</summary>
    public static ulong Parse(string text)
    {
        var at = 0;
        var (digits, decimals) = (BigInteger.Zero, 0);
        var (isFraction, hasDigits) = (false, false);
        if (text.Length > MaxLength)
        {
            return 0;
        }

        for (at = text.StartsWith('+') ? 1 : 0; at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '.' && !isFraction)); at++)
        {
            if (text[at] == '.')
            {
                isFraction = true;
                continue;
            }

            hasDigits = true;
            digits = (digits * 10) + (text[at] - '0');
            decimals += isFraction ? 1 : 0;
        }

        if (!hasDigits || Scale(text[at..]) is not var (numerator, denominator))
        {
            return 0;
        }

        var bytes = BigInteger.DivRem(digits * numerator, denominator * BigInteger.Pow(10, decimals), out var rest) + (rest.IsZero ? 0 : 1);
        return bytes > ulong.MaxValue ? ulong.MaxValue : (ulong)bytes;
    }

    private static (BigInteger Numerator, BigInteger Denominator)? Scale(string suffix) => suffix switch
    {
        "" => (1, 1),
        "n" => (1, 1_000_000_000),
        "u" => (1, 1_000_000),
        "m" => (1, 1000),
        "k" => (1000, 1),
        "M" => (BigInteger.Pow(1000, 2), 1),
        "G" => (BigInteger.Pow(1000, 3), 1),
        "T" => (BigInteger.Pow(1000, 4), 1),
        "P" => (BigInteger.Pow(1000, 5), 1),
        "E" => (BigInteger.Pow(1000, 6), 1),
        "Ki" => (1024, 1),
        "Mi" => (BigInteger.Pow(1024, 2), 1),
        "Gi" => (BigInteger.Pow(1024, 3), 1),
        "Ti" => (BigInteger.Pow(1024, 4), 1),
        "Pi" => (BigInteger.Pow(1024, 5), 1),
        "Ei" => (BigInteger.Pow(1024, 6), 1),
        ['e' or 'E', .. var exponent] when int.TryParse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) && Math.Abs(power) <= MaxExponent =>
            power >= 0 ? (BigInteger.Pow(10, power), 1) : (1, BigInteger.Pow(10, -power)),
        _ => null,
    };
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Damon.Api.Units;

/// <summary>A span of time as the API writes it: <c>5ms</c>, <c>1h30m</c>, <c>0.5s</c>.</summary>
/// <remarks>
/// The text it was read from is kept; equality and order look at the time alone. Accepted are one or more numbers, each with its unit <c>h m s ms us</c>, the
/// units from large to small and each at most once; a number has no sign, at most 13 digits before the point and three after it. The sum is a whole number of
/// microseconds and at most 720 hours. Zero is written with a unit (<c>0s</c>); whether a field takes it is the field's rule.
/// </remarks>
public readonly record struct DurationValue : IComparable<DurationValue>
{
    private const string AcceptedForm = "write a number and a unit such as 5ms or 1h30m";
    private const int MaxIntegerDigits = 13;
    private const int MaxDecimals = 3;

    private static readonly (string Name, long Microseconds)[] Units =
    [
        ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1),
    ];

    private readonly string? _text;

    private DurationValue(long microseconds, string text)
    {
        Microseconds = microseconds;
        _text = text;
    }

    /// <summary>The longest duration there is: 720 hours.</summary>
    public static DurationValue Maximum { get; } = new(720 * 3_600_000_000L, "720h");

    /// <summary>The time in microseconds, exact, from 0 to 720 hours.</summary>
    public long Microseconds { get; }

    /// <summary>Whether no time at all.</summary>
    public bool IsZero => Microseconds == 0;

    /// <summary>Writes a span of time in the shortest accepted form.</summary>
    /// <param name="time">A whole number of microseconds from zero to 720 hours.</param>
    /// <returns>The duration.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, above 720 hours or finer than a microsecond.</exception>
    public static DurationValue FromTimeSpan(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, Maximum.ToTimeSpan());
        ArgumentOutOfRangeException.ThrowIfNotEqual(time.Ticks % TimeSpan.TicksPerMicrosecond, 0, nameof(time));
        var microseconds = time.Ticks / TimeSpan.TicksPerMicrosecond;
        if (microseconds == 0)
            return new(0, "0s");
        var text = new StringBuilder();
        var rest = microseconds;
        foreach (var (name, length) in Units)
        {
            if (rest >= length)
            {
                text.Append(CultureInfo.InvariantCulture, $"{rest / length}{name}");
                rest %= length;
            }
        }

        return new(microseconds, text.ToString());
    }

    /// <summary>Reads a duration.</summary>
    /// <param name="text">As it was written.</param>
    /// <param name="value">The duration, or zero.</param>
    /// <param name="error">What is wrong and what is accepted; null where nothing is wrong.</param>
    /// <returns>Whether the text is a duration.</returns>
    public static bool TryParse(string text, out DurationValue value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        error = null;
        var rest = text.AsSpan();
        var sumThousandths = BigInteger.Zero;
        var unitsFrom = 0;
        do
        {
            if (!DecimalNumber.TryRead(rest, out var number, out var length))
            {
                error = text.StartsWith('-') ? $"{QuotedText.Of(text)} is negative, a duration is not; {AcceptedForm}" : $"{QuotedText.Of(text)} is not a duration; {AcceptedForm}";
                return false;
            }

            rest = rest[length..];
            var unit = FindUnit(rest);
            if (unit < 0)
            {
                error = rest.IsEmpty
                    ? $"{QuotedText.Of(text)} is a duration without a unit; {AcceptedForm}"
                    : $"{QuotedText.Of(text)} is not a duration, its units are h, m, s, ms and us; {AcceptedForm}";
                return false;
            }

            if (unit < unitsFrom)
            {
                error = $"{QuotedText.Of(text)} is not a duration, its units go from large to small and each once; {AcceptedForm}";
                return false;
            }

            if (number.IntegerDigits > MaxIntegerDigits || number.Decimals > MaxDecimals)
            {
                error = $"{QuotedText.Of(text)} has too many digits for a duration; write at most {MaxIntegerDigits} before and {MaxDecimals} after the point";
                return false;
            }

            unitsFrom = unit + 1;
            rest = rest[Units[unit].Name.Length..];
            sumThousandths += number.Digits * Units[unit].Microseconds * BigInteger.Pow(10, MaxDecimals - number.Decimals);
        }
        while (!rest.IsEmpty);

        var microseconds = BigInteger.DivRem(sumThousandths, 1000, out var finer);
        if (!finer.IsZero)
        {
            error = $"{QuotedText.Of(text)} is finer than a microsecond; write a whole number of us";
            return false;
        }

        if (microseconds > Maximum.Microseconds)
        {
            error = $"{QuotedText.Of(text)} is too long; write a duration of at most {Maximum}";
            return false;
        }

        value = new((long)microseconds, text);
        return true;
    }

    /// <summary>Reads a duration that is known to be one.</summary>
    /// <param name="text">As it was written.</param>
    /// <returns>The duration.</returns>
    /// <exception cref="FormatException">The text is not a duration.</exception>
    public static DurationValue Parse(string text) => TryParse(text, out var value, out var error) ? value : throw new FormatException(error);

    /// <summary>Compares two durations.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(DurationValue left, DurationValue right) => left.Microseconds < right.Microseconds;

    /// <summary>Compares two durations.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(DurationValue left, DurationValue right) => left.Microseconds > right.Microseconds;

    /// <summary>Compares two durations.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(DurationValue left, DurationValue right) => left.Microseconds <= right.Microseconds;

    /// <summary>Compares two durations.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(DurationValue left, DurationValue right) => left.Microseconds >= right.Microseconds;

    /// <summary>The same time as the runtime counts it; nothing is lost.</summary>
    /// <returns>The time.</returns>
    public TimeSpan ToTimeSpan() => new(Microseconds * TimeSpan.TicksPerMicrosecond);

    /// <inheritdoc/>
    public int CompareTo(DurationValue other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>Whether both last equally long, however written.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether they do.</returns>
    public bool Equals(DurationValue other) => Microseconds == other.Microseconds;

    /// <inheritdoc/>
    public override int GetHashCode() => Microseconds.GetHashCode();

    /// <summary>The text it was read from.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text ?? "0s";

    private static int FindUnit(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && !char.IsAsciiDigit(text[length]))
            length++;
        for (var i = 0; i < Units.Length; i++)
        {
            if (text[..length].SequenceEqual(Units[i].Name))
                return i;
        }

        return -1;
    }
}

using System.Globalization;

namespace Damon.Engine.Schemes;

/// <summary>In which share of the sample intervals an access was seen. Kept in millionths, so that thresholds convert to counts exactly.</summary>
public readonly record struct AccessRate : IComparable<AccessRate>
{
    private const int Whole = 1_000_000;

    private AccessRate(int millionths) => Millionths = millionths;

    /// <summary>Never accessed.</summary>
    public static AccessRate Never { get; }

    /// <summary>Accessed in every sample interval.</summary>
    public static AccessRate Always { get; } = new(Whole);

    /// <summary>Millionths, from 0 to 1,000,000.</summary>
    public int Millionths { get; }

    /// <summary>As a share from 0 to 1.</summary>
    public double Share => (double)Millionths / Whole;

    /// <summary>A rate of so many percent.</summary>
    /// <param name="percent">From 0 to 100, rounded to ten-thousandths of a percent.</param>
    public static AccessRate FromPercent(decimal percent) => percent is < 0 or > 100
        ? throw new ArgumentOutOfRangeException(nameof(percent), percent, "An access rate is from 0 to 100 %.")
        : new AccessRate((int)decimal.Round(percent * (Whole / 100)));

    /// <summary>The rate that a number of accesses is.</summary>
    /// <param name="accesses">Accesses seen.</param>
    /// <param name="samples">Sample intervals in which they could have been seen; 0 counts as 1.</param>
    /// <returns>The rate, rounded down; never above <see cref="Always"/>, and free of overflow for any numbers.</returns>
    public static AccessRate Of(ulong accesses, ulong samples) =>
        accesses >= samples ? (accesses == 0 ? Never : Always) : new AccessRate((int)((UInt128)accesses * Whole / samples));

    /// <summary>The least number of accesses that is at or above this rate.</summary>
    /// <param name="samples">Sample intervals per aggregation.</param>
    public uint CeilingOf(uint samples) => (uint)((((ulong)Millionths * samples) + Whole - 1) / Whole);

    /// <summary>The highest number of accesses that is at or below this rate.</summary>
    /// <param name="samples">Sample intervals per aggregation.</param>
    public uint FloorOf(uint samples) => (uint)((ulong)Millionths * samples / Whole);

    /// <summary>Whether one rate is below another.</summary>
    public static bool operator <(AccessRate left, AccessRate right) => left.Millionths < right.Millionths;

    /// <summary>Whether one rate is above another.</summary>
    public static bool operator >(AccessRate left, AccessRate right) => left.Millionths > right.Millionths;

    /// <summary>Whether one rate is at or below another.</summary>
    public static bool operator <=(AccessRate left, AccessRate right) => left.Millionths <= right.Millionths;

    /// <summary>Whether one rate is at or above another.</summary>
    public static bool operator >=(AccessRate left, AccessRate right) => left.Millionths >= right.Millionths;

    /// <inheritdoc/>
    public int CompareTo(AccessRate other) => Millionths.CompareTo(other.Millionths);

    /// <summary>As people write it: a percentage.</summary>
    public override string ToString() => ((decimal)Millionths / (Whole / 100)).ToString("0.####", CultureInfo.InvariantCulture) + "%";
}

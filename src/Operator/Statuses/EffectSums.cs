namespace Damon.Operator.Statuses;

/// <summary>What a scheme does to memory, over all nodes.</summary>
/// <param name="ColdBytes">Bytes that match now.</param>
/// <param name="AdvisedBytes">Bytes that were acted on so far.</param>
/// <param name="AwayBytes">Bytes that are gone now.</param>
public readonly record struct EffectSums(long ColdBytes, long AdvisedBytes, long AwayBytes)
{
    /// <summary>In two digits: a third would be another write every time, and nobody decides by it.</summary>
    public EffectSums Rounded => new(Round(ColdBytes), Round(AdvisedBytes), Round(AwayBytes));

    /// <summary>The sum of both; at the largest number where it is larger.</summary>
    public EffectSums Plus(long cold, long advised, long away) => new(Add(ColdBytes, cold), Add(AdvisedBytes, advised), Add(AwayBytes, away));

    private static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;

    private static long Round(long bytes)
    {
        var unit = 1L;
        while (bytes / unit >= 100)
            unit *= 10;
        var digits = (bytes / unit) + (bytes % unit * 2 >= unit && unit > 1 ? 1 : 0);
        return digits > long.MaxValue / unit ? long.MaxValue / unit * unit : digits * unit;
    }
}

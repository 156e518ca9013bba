namespace Damon.Engine.Regions;

/// <summary>How many regions a session may have, over all its targets. The upper bound is what bounds the cost of sampling, whatever the memory's size.</summary>
public readonly record struct RegionLimits
{
    /// <summary>Checks and keeps the bounds.</summary>
    /// <param name="min">At least 3.</param>
    /// <param name="max">At least <paramref name="min"/>.</param>
    public RegionLimits(int min, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(min, 3);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        Min = min;
        Max = max;
    }

    /// <summary>10 to 1000, as DAMON has it.</summary>
    public static RegionLimits Default { get; } = new(10, 1000);

    /// <summary>No region is larger than the memory divided by this.</summary>
    public int Min { get; }

    /// <summary>The most regions.</summary>
    public int Max { get; }
}

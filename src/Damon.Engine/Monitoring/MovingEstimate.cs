namespace Damon.Engine.Monitoring;

/// <summary>An access count between two aggregations: what was counted so far, and of the last count the share that the rest of the window stands for.</summary>
public static class MovingEstimate
{
    /// <summary>DAMON's formula of Linux 7.3: current + last × left share.</summary>
    /// <param name="current">Counted in this aggregation so far.</param>
    /// <param name="last">Counted in the previous one.</param>
    /// <param name="left">Sample intervals of the aggregation still to come.</param>
    /// <param name="samples">Sample intervals per aggregation; 0 counts as 1.</param>
    /// <returns>The count that a whole window up to now would have; the last one's where the whole window is still to come.</returns>
    public static uint Of(uint current, uint last, uint left, uint samples)
    {
        // In ten-thousandths, as the vectors have it: the rounding is part of the formula.
        var leftShare = (ulong)left * 10_000 / Math.Max(1, samples);
        return leftShare >= 10_000 ? last : (uint)Math.Min(uint.MaxValue, current + (last * leftShare / 10_000));
    }

    /// <summary>
    /// The pseudo moving sum of kernels up to 7.2, advanced by one sample interval: an average sample of the last window leaves, the new one comes. Not used
    /// by the loop; recordings of such kernels are compared with it.
    /// </summary>
    /// <param name="sum">The sum so far.</param>
    /// <param name="lastWindow">What the last complete window came to, in the same unit.</param>
    /// <param name="window">Sample intervals per window, at least 1.</param>
    /// <param name="added">What the new sample adds: 10,000 for an access, as kernels count, or 0.</param>
    public static ulong PseudoSum(ulong sum, ulong lastWindow, uint window, ulong added)
    {
        var leaves = lastWindow / Math.Max(1, window);
        return (sum > leaves ? sum - leaves : 0) + added;
    }
}

namespace Damon.Engine.Monitoring;

/// <summary>An access count between two aggregations: what was counted so far, and of the last count the share that the rest of the window stands for.</summary>
internal static class MovingEstimate
{
    /// <summary>DAMON's formula of Linux 7.3: current + last × left share.</summary>
    /// <param name="current">Counted in this aggregation so far.</param>
    /// <param name="last">Counted in the previous one.</param>
    /// <param name="left">Sample intervals of the aggregation still to come.</param>
    /// <param name="samples">Sample intervals per aggregation.</param>
    public static uint Of(uint current, uint last, uint left, uint samples)
    {
        // In ten-thousandths, as the vectors have it: the rounding is part of the formula.
        var leftShare = (ulong)left * 10_000 / samples;
        return leftShare >= 10_000 ? last : current + (uint)(last * leftShare / 10_000);
    }
}

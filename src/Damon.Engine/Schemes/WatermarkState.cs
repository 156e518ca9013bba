namespace Damon.Engine.Schemes;

/// <summary>Whether watermarks let a scheme act: DAMON's rules. It begins active.</summary>
public sealed class WatermarkState
{
    /// <summary>Whether it may act now.</summary>
    public bool IsActive { get; private set; } = true;

    /// <summary>Takes a new reading in.</summary>
    /// <param name="marks">The marks in force.</param>
    /// <param name="thousandths">The share of memory that is left.</param>
    /// <returns>Whether it may act from now on.</returns>
    public bool Advance(SchemeWatermarks marks, int thousandths)
    {
        if (marks.Metric == WatermarkMetric.None)
        {
            return IsActive = true;
        }

        if (thousandths > marks.High || thousandths < marks.Low)
        {
            IsActive = false;
        }
        else if (thousandths < marks.Mid)
        {
            // Between mid and high it stays as it is: active goes on, resting goes on.
            IsActive = true;
        }

        return IsActive;
    }

    /// <summary>The share in thousandths, rounded down; the whole where a part is said to be more than all.</summary>
    /// <param name="partBytes">The part.</param>
    /// <param name="totalBytes">All of it, above 0.</param>
    public static int ThousandthsOf(ulong partBytes, ulong totalBytes) =>
        partBytes >= totalBytes ? SchemeWatermarks.Whole : (int)((UInt128)partBytes * SchemeWatermarks.Whole / totalBytes);
}

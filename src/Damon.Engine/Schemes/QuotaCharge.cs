namespace Damon.Engine.Schemes;

/// <summary>What a region costs of a budget when the action reached only a part of it.</summary>
public static class QuotaCharge
{
    /// <summary>The charge: what was applied in full, what failed at a ratio (DAMON's fail_charge, Linux 7.2).</summary>
    /// <param name="sizeBytes">What was to be acted on.</param>
    /// <param name="appliedBytes">What was; more than the size, as with large pages, charges the size.</param>
    /// <param name="numerator">The ratio's numerator, at most the denominator.</param>
    /// <param name="denominator">The ratio's denominator; 0 for no ratio, then everything is charged.</param>
    /// <returns>From the applied bytes to the size, in bytes.</returns>
    public static ulong Of(ulong sizeBytes, ulong appliedBytes, ulong numerator, ulong denominator)
    {
        if (denominator == 0 || appliedBytes >= sizeBytes || numerator >= denominator)
        {
            return sizeBytes;
        }

        return appliedBytes + (ulong)((UInt128)(sizeBytes - appliedBytes) * numerator / denominator);
    }
}

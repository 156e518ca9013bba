namespace Damon.Engine.Regions;

/// <summary>
/// Neighbouring regions that are being merged: their sums, from which the means are taken once at the end. Rounding at each step would hold back the age of a region that takes in a small
/// younger one now and then.
/// </summary>
internal struct RegionRun
{
    /// <summary>Ages that differ by no more than this are alike whatever the factor: a young region's age says little yet.</summary>
    private const uint YoungAge = 8;

    // Doubles: bytes times counts may exceed 64 bits, and 53 bits of the mean are plenty.
    private double _bytes;
    private double _accesses;
    private double _lastAccesses;
    private double _age;

    public RegionRun(RegionColumns rows, int row) => Add(rows, row);

    public readonly uint Accesses => Mean(_accesses);

    public readonly uint LastAccesses => Mean(_lastAccesses);

    public readonly uint Age => Mean(_age);

    public readonly bool IsAlike(uint accesses, uint age, uint threshold, uint ageFactor)
    {
        // Sums are compared instead of means: no division for each region.
        if (Math.Abs(_accesses - (accesses * _bytes)) > threshold * _bytes)
        {
            return false;
        }

        var other = age * _bytes;
        return ageFactor == RegionTable.AnyAge || Math.Max(_age, other) <= (ageFactor * Math.Min(_age, other)) + (YoungAge * _bytes);
    }

    public void Add(RegionColumns rows, int row)
    {
        double bytes = rows.End[row] - rows.Start[row];
        _bytes += bytes;
        _accesses += rows.Accesses[row] * bytes;
        _lastAccesses += rows.LastAccesses[row] * bytes;
        _age += rows.Age[row] * bytes;
    }

    private readonly uint Mean(double sum) => (uint)Math.Min(uint.MaxValue, Math.Round(sum / _bytes));
}

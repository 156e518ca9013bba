namespace Damon.Kubernetes.Timing;

/// <summary>
/// The library's only source of chance: a seeded sequence (splitmix64, Steele, Lea and Flood, 2014), so that a seed in a failing test gives the same run again. Safe to share.
/// </summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        var z = Interlocked.Add(ref _state, 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to, not including, 1.</summary>
    public double NextShare() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A span between two others.</summary>
    public TimeSpan Between(TimeSpan low, TimeSpan high) => low + ((high - low) * NextShare());
}

namespace Damon.Engine.Regions;

/// <summary>
/// The engine's only source of chance: a seeded generator whose sequence is fixed by this code and not by the runtime's version, so that a
/// seed in a report or a failing test gives the same run anywhere, to the byte. The generator is xoshiro256** seeded through splitmix64
/// (Blackman and Vigna, 2018).
/// </summary>
public sealed class RandomSource
{
    private RandomState _state;

    /// <summary>Makes a generator.</summary>
    /// <param name="seed">Any number; equal seeds give equal sequences.</param>
    public RandomSource(ulong seed)
    {
        _state.S0 = SplitMix(ref seed);
        _state.S1 = SplitMix(ref seed);
        _state.S2 = SplitMix(ref seed);
        _state.S3 = SplitMix(ref seed);
    }

    /// <summary>Where the sequence stands. A loop that draws for every region copies it, draws from the copy, which then lives in registers, and puts it back.</summary>
    internal RandomState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits() => _state.NextBits();

    /// <summary>A number from 0 up to, not including, a bound.</summary>
    /// <param name="bound">At least 1.</param>
    public ulong NextBelow(ulong bound) => _state.NextBelow(bound);

    /// <summary>A number from 0 up to, not including, 1.</summary>
    public double NextShare() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>How many events a Poisson process has in a span of time.</summary>
    /// <param name="mean">The expected number; not negative.</param>
    /// <returns>A draw. Above a mean of 64 the normal approximation is used, whose error is far below what any caller can tell.</returns>
    public ulong NextPoisson(double mean)
    {
        if (mean > 64)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - NextShare()));
            var normal = radius * Math.Cos(2 * Math.PI * NextShare());
            return (ulong)Math.Max(0, Math.Round(mean + (Math.Sqrt(mean) * normal)));
        }

        // Knuth's product of uniforms: exact, and short for small means.
        var limit = Math.Exp(-mean);
        var product = NextShare();
        ulong count = 0;
        while (product > limit)
        {
            product *= NextShare();
            count++;
        }

        return count;
    }

    internal static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

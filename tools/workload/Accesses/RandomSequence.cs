using System.Runtime.CompilerServices;

namespace Damon.Workload.Accesses;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): one addition and three mixing steps a draw,
/// so that drawing stays cheaper than the memory access it decides on. The same seed gives the same draws.
/// </summary>
/// <param name="seed">Any value.</param>
internal struct RandomSequence(ulong seed)
{
    private ulong _state = seed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>Draws from 0 up to, not including, <paramref name="bound"/>. The bias of at most bound/2⁶⁴ is far below what any observer can see.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBelow(ulong bound) => Math.BigMul(Next(), bound, out _);
}

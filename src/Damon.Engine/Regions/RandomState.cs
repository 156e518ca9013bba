using System.Runtime.CompilerServices;

namespace Damon.Engine.Regions;

/// <summary>The state and the step of xoshiro256** (Blackman and Vigna, 2018), a value so that a loop can keep it in registers.</summary>
internal struct RandomState
{
    public ulong S0;
    public ulong S1;
    public ulong S2;
    public ulong S3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBits()
    {
        var result = ulong.RotateLeft(S1 * 5, 7) * 9;
        var shifted = S1 << 17;
        S2 ^= S0;
        S3 ^= S1;
        S1 ^= S2;
        S0 ^= S3;
        S2 ^= shifted;
        S3 = ulong.RotateLeft(S3, 45);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBelow(ulong bound) => Math.BigMul(NextBits(), bound, out _);
}

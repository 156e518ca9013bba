using System.Runtime.CompilerServices;

namespace Damon.Engine.Regions;

/// <summary>Where regions may begin and end: the multiples of the smallest region.</summary>
/// <remarks>Sessions ask for a power of two, which pages are; DAMON's own vectors also cut to fives.</remarks>
internal readonly struct RegionGrid(ulong bytes)
{
    private readonly bool _isPowerOfTwo = ulong.IsPow2(bytes);

    /// <summary>The highest multiple at or below a number of bytes or an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Down(ulong value) => _isPowerOfTwo ? value & ~(bytes - 1) : value - (value % bytes);

    /// <summary>The lowest multiple at or above; where that is beyond the last address, the highest multiple there is, so that nothing wraps round to the beginning.</summary>
    public ulong Up(ulong value)
    {
        var down = Down(value);
        return down == value || down > ulong.MaxValue - bytes ? down : down + bytes;
    }
}

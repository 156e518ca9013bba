using System.Numerics;
using System.Runtime.CompilerServices;

namespace Damon.Workload.Accesses;

/// <summary>
/// The pages of a region that were accessed since the last <see cref="Clear"/>, one bit each. It is kept on every access, so that the truth is what was
/// done, not what was meant; 32 KiB for a gigabyte stay in the processor's first caches.
/// </summary>
internal sealed class TouchedPages
{
    private readonly ulong[] _bits;
    private readonly int _pageShift;

    /// <param name="regionBytes">The region's size, as mapped.</param>
    /// <param name="pageBytes">A power of two.</param>
    public TouchedPages(ulong regionBytes, int pageBytes)
    {
        if (!BitOperations.IsPow2(pageBytes))
            throw new ArgumentOutOfRangeException(nameof(pageBytes), pageBytes, "A page's size is a power of two.");

        _pageShift = BitOperations.Log2((uint)pageBytes);
        Pages = (regionBytes + (ulong)pageBytes - 1) >> _pageShift;
        _bits = new ulong[(Pages + 63) / 64];
    }

    /// <summary>All pages of the region.</summary>
    public ulong Pages { get; }

    /// <summary>How many of them are marked.</summary>
    public ulong Count
    {
        get
        {
            ulong count = 0;
            foreach (var word in _bits)
                count += (ulong)BitOperations.PopCount(word);
            return count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Mark(ulong offsetBytes)
    {
        var page = offsetBytes >> _pageShift;
        _bits[page >> 6] |= 1UL << (int)(page & 63);
    }

    public void Clear() => Array.Clear(_bits);
}

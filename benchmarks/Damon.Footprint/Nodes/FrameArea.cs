namespace Damon.Footprint.Nodes;

/// <summary>Page frames that lie side by side, and are all accessed alike.</summary>
/// <param name="first">The first one; a multiple of 64, so that areas share no word of the idle bitmap.</param>
/// <param name="count">How many there are.</param>
internal sealed class FrameArea(ulong first, ulong count)
{
    private ulong _taken;

    /// <summary>The first frame behind it at which another area can begin.</summary>
    public ulong End => (first + count + 63) & ~63UL;

    /// <summary>Where its marks begin in the idle bitmap, in bytes.</summary>
    public long BitmapOffset => (long)(first / 8);

    /// <summary>How long its marks are, in bytes.</summary>
    public int BitmapBytes => (int)((End - first) / 8);

    /// <summary>Takes the next frames.</summary>
    /// <param name="frames">How many.</param>
    /// <returns>The first of them.</returns>
    public ulong Take(ulong frames)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frames, count - _taken);
        var from = first + _taken;
        _taken += frames;
        return from;
    }
}

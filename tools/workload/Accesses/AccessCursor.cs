using System.Runtime.CompilerServices;
using Damon.Patterns;

namespace Damon.Workload.Accesses;

/// <summary>
/// Which offset of a region comes next. A region has a slot at every stride that leaves room for one word; the window is a run of slots whose start
/// moves with the time of the phase, and which continues at the region's first slot where it reaches the last.
/// </summary>
internal sealed class AccessCursor
{
    /// <summary>What one access reads or writes.</summary>
    public const int WordBytes = sizeof(ulong);

    private readonly ulong _strideBytes;
    private readonly bool _random;
    private readonly double _windowSpeedPerSecond;
    private ulong _position;

    /// <param name="access">How the region is accessed.</param>
    /// <param name="regionBytes">The region's size, as mapped; at least one word.</param>
    public AccessCursor(PatternAccess access, ulong regionBytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(access.StrideBytes, nameof(access));
        ArgumentOutOfRangeException.ThrowIfLessThan(regionBytes, (ulong)WordBytes);

        _strideBytes = access.StrideBytes;
        _random = access.Order == AccessOrder.Random;
        _windowSpeedPerSecond = access.Window?.SpeedPerSecond ?? 0;
        Slots = ((regionBytes - WordBytes) / access.StrideBytes) + 1;
        WindowSlots = access.Window is { } window ? Math.Clamp((ulong)Math.Ceiling(window.Share * Slots), 1, Slots) : Slots;
    }

    public ulong Slots { get; }

    public ulong WindowSlots { get; }

    /// <summary>The first slot of the window.</summary>
    public ulong WindowStart { get; private set; }

    /// <summary>Puts the window where it is after this much of the phase: at the region's start at first, one region further each 1/speed seconds.</summary>
    public void MoveWindow(TimeSpan phaseTime)
    {
        if (_windowSpeedPerSecond == 0)
            return;

        var regionsPassed = _windowSpeedPerSecond * phaseTime.TotalSeconds;
        var share = regionsPassed - Math.Floor(regionsPassed);
        WindowStart = Math.Min((ulong)(share * Slots), Slots - 1);
    }

    /// <summary>Back to the start of the phase.</summary>
    public void Restart()
    {
        _position = 0;
        WindowStart = 0;
    }

    /// <summary>The byte offset of the next access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next(ref RandomSequence random)
    {
        ulong inWindow;
        if (_random)
        {
            inWindow = random.NextBelow(WindowSlots);
        }
        else
        {
            inWindow = _position;
            _position = inWindow + 1 == WindowSlots ? 0 : inWindow + 1;
        }

        var slot = WindowStart + inWindow;
        if (slot >= Slots)
            slot -= Slots;
        return slot * _strideBytes;
    }
}

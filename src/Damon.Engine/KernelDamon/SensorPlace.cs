using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>One place among the targets of a kdamond, and in it a process, or the stand-in where its process is gone.</summary>
internal sealed class SensorPlace
{
    /// <summary>kthreadd: it lives as long as the kernel and has no memory, so the kernel finds nothing there.</summary>
    private const int StandIn = 2;

    private static readonly AddressRange[] StandInRanges = [new(1UL << 20, (1UL << 20) + (16UL << 12))];

    /// <summary>The process; null where the place is free.</summary>
    public SensedProcess? Sensed { get; private set; }

    /// <summary>Which program it ran when it took the place.</summary>
    public ProcessImage Image { get; private set; }

    /// <summary>Which occupant of any place this is.</summary>
    public int Generation { get; private set; }

    /// <summary>Whether the kernel knows of this occupant.</summary>
    public bool IsInForce { get; private set; }

    /// <summary>What the kernel is to be told of where the process has memory; empty where it knows.</summary>
    private IReadOnlyList<AddressRange> _toTell = StandInRanges;

    /// <summary>Where the process has memory, as last seen.</summary>
    private IReadOnlyList<AddressRange> _ranges = [];

    /// <summary>When its mappings are read again, and how long after that the next time.</summary>
    private long _readAt;
    private TimeSpan _readEvery;

    /// <summary>Lets a process in.</summary>
    /// <param name="sensed">The process.</param>
    /// <param name="image">Which program it runs.</param>
    /// <param name="generation">Of all occupants, which one.</param>
    /// <param name="ranges">Where it has memory.</param>
    /// <param name="pieces">The same, cut into the regions that the kernel begins with.</param>
    /// <param name="now">Timestamp at which the ranges were read.</param>
    public void Take(SensedProcess sensed, ProcessImage image, int generation, IReadOnlyList<AddressRange> ranges, IReadOnlyList<AddressRange> pieces, long now)
    {
        Sensed = sensed;
        Image = image;
        Generation = generation;
        IsInForce = false;
        _ranges = ranges;
        _toTell = pieces;
        (_readAt, _readEvery) = (now, TimeSpan.Zero);
    }

    /// <summary>Frees the place.</summary>
    public void Free()
    {
        Sensed = null;
        IsInForce = false;
        _ranges = [];
        _toTell = StandInRanges;
    }

    /// <summary>Whether the mappings are to be read again: often at first, when a program makes its memory, then less and less often.</summary>
    public bool IsDue(TimeProvider time, TimeSpan first, TimeSpan most)
    {
        _readEvery = _readEvery == TimeSpan.Zero ? first : _readEvery;
        if (time.GetElapsedTime(_readAt) < _readEvery)
        {
            return false;
        }

        _readAt = time.GetTimestamp();
        _readEvery = _readEvery * 2 < most ? _readEvery * 2 : most;
        return true;
    }

    /// <summary>Follows the process's mappings. What has been learned of memory that is still there stays.</summary>
    public void Follow(IReadOnlyList<AddressRange> ranges)
    {
        if (!ranges.SequenceEqual(_ranges))
        {
            // Before the kernel knows the occupant it is told everything at once; later only what has changed.
            _toTell = ranges;
            _ranges = ranges;
        }
    }

    /// <summary>The kernel has been told.</summary>
    public void HasBeenTold()
    {
        IsInForce = true;
        _toTell = [];
    }

    /// <summary>The kernel has forgotten what it was told.</summary>
    public void HasBeenForgotten()
    {
        IsInForce = false;
        _toTell = Sensed is null ? StandInRanges : _ranges;
    }

    /// <summary>The target for the kernel. Without ranges where it knows them: it then keeps the regions that it has.</summary>
    public KernelTarget Target() => new(Sensed?.Process.Pid ?? StandIn) { Ranges = _toTell };
}

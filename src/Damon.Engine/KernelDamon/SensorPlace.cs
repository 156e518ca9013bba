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
    public bool IsInForce { get; set; }

    /// <summary>Where it has memory when it comes in.</summary>
    private IReadOnlyList<AddressRange> _ranges = StandInRanges;

    /// <summary>Lets a process in.</summary>
    public void Take(SensedProcess sensed, ProcessImage image, int generation, IReadOnlyList<AddressRange> ranges)
    {
        Sensed = sensed;
        Image = image;
        Generation = generation;
        IsInForce = false;
        _ranges = ranges;
    }

    /// <summary>Frees the place.</summary>
    public void Free()
    {
        Sensed = null;
        IsInForce = false;
        _ranges = StandInRanges;
    }

    /// <summary>
    /// The target for the kernel. Ranges only as long as it does not know of the occupant: on a commit it would otherwise keep those of the one before until it looks at the mappings by itself,
    /// up to an update interval later.
    /// </summary>
    public KernelTarget Target() => new(Sensed?.Process.Pid ?? StandIn) { Ranges = IsInForce ? [] : _ranges };
}

using Damon.Engine.Probes;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Keeps what the agent costs below its ceilings. First all intervals lengthen together; only when the longest are not enough for three measurements in a row are sessions shed, lowest rank first, as
/// few as it takes; and one at a time they come back, highest rank first, where there is room to spare. Pure: it is told what was measured and says what to do.
/// </summary>
/// <remarks>
/// How far intervals stretch is <see cref="IntervalGovernor"/>'s decision, one for each ceiling: it lengthens at once and shortens slowly. Cost is taken to fall as intervals grow; the part that does
/// not lets it stretch too far, never too little.
/// </remarks>
internal sealed class CostGovernor
{
    private const int PatienceMeasurements = 3;

    /// <summary>A session comes back where the whole would then still cost no more than this share of the ceiling.</summary>
    private const double RoomForReturn = 0.8;

    /// <summary>An interval of 1 in the governors, which reckon in time spans.</summary>
    private static readonly TimeSpan Unit = TimeSpan.FromSeconds(1);

    /// <summary>After a change the next measurements still contain what was before.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly CostCeilings _ceilings;
    private readonly IntervalGovernor _cpu;
    private readonly IntervalGovernor _probes;

    /// <summary>Shed sessions in the order of shedding, each with what it cost at stretch 1 when it was shed.</summary>
    private readonly List<SessionCost> _shed = [];
    private int _overInARow;
    private long? _changedAt;

    /// <exception cref="ArgumentOutOfRangeException">A ceiling is outside its range.</exception>
    public CostGovernor(TimeProvider time, CostCeilings ceilings)
    {
        if (!(ceilings.ProbesPerSecond > 0) || !(ceilings.MaxStretch >= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ceilings), ceilings, "Probes above 0 and a stretch of at least 1.");
        }

        _time = time;
        _ceilings = ceilings;
        _cpu = new IntervalGovernor(ceilings.CpuShare, Unit, Unit * ceilings.MaxStretch);
        _probes = new IntervalGovernor(1, Unit, Unit * ceilings.MaxStretch);
    }

    private double Stretch => (_cpu.Interval > _probes.Interval ? _cpu.Interval : _probes.Interval) / Unit;

    /// <summary>Takes a measurement into account.</summary>
    /// <param name="cpuShare">What the whole agent cost since the last one, as a share of one CPU.</param>
    /// <param name="probesPerSecond">What it looked at.</param>
    /// <param name="ranked">The sessions that run, the highest rank first.</param>
    /// <param name="waiting">Names of sessions that should run and were shed, the highest rank first; what is not among them any more is forgotten.</param>
    public CostDecision Decide(double cpuShare, double probesPerSecond, IReadOnlyList<SessionCost> ranked, IReadOnlyList<string> waiting)
    {
        var stretch = Stretch;
        _shed.RemoveAll(shed => !waiting.Contains(shed.Session));
        _cpu.Next(Unit * (Math.Max(0, cpuShare) * stretch));
        _probes.Next(Unit * (Math.Max(0, probesPerSecond) / _ceilings.ProbesPerSecond * stretch));
        var isSettling = _changedAt is { } at && _time.GetElapsedTime(at) < Settling;
        _overInARow = (_cpu.IsOverCeiling || _probes.IsOverCeiling) && !isSettling ? _overInARow + 1 : 0;
        if (_overInARow >= PatienceMeasurements)
        {
            Shed(cpuShare * stretch, probesPerSecond * stretch, stretch, ranked);
        }
        else if (_overInARow == 0 && !isSettling)
        {
            Readmit(cpuShare * stretch, probesPerSecond * stretch, waiting);
        }

        return new CostDecision(Stretch, [.. _shed.Select(shed => shed.Session)]);
    }

    /// <summary>Costs are given for stretch 1: divided by the longest stretch they are what remains when everything else is exhausted.</summary>
    private bool Fits(double cpu, double probes, double share) =>
        cpu / _ceilings.MaxStretch <= share * _ceilings.CpuShare && probes / _ceilings.MaxStretch <= share * _ceilings.ProbesPerSecond;

    private void Shed(double cpu, double probes, double stretch, IReadOnlyList<SessionCost> ranked)
    {
        for (var i = ranked.Count - 1; i >= 0 && !Fits(cpu, probes, 1); i--)
        {
            var cost = new SessionCost(ranked[i].Session, ranked[i].CpuShare * stretch, ranked[i].ProbesPerSecond * stretch);
            cpu -= cost.CpuShare;
            probes -= cost.ProbesPerSecond;
            _shed.Add(cost);
        }

        _overInARow = 0;
        _changedAt = _time.GetTimestamp();
    }

    private void Readmit(double cpu, double probes, IReadOnlyList<string> waiting)
    {
        foreach (var session in waiting)
        {
            var index = _shed.FindIndex(shed => shed.Session == session);
            if (index < 0)
            {
                continue;
            }

            // A lower rank never comes back in front of a higher one, even where only the lower one fits: it would be shed again as soon as the higher one fits.
            if (Fits(cpu + _shed[index].CpuShare, probes + _shed[index].ProbesPerSecond, RoomForReturn))
            {
                _shed.RemoveAt(index);
                _changedAt = _time.GetTimestamp();
            }

            return;
        }
    }
}

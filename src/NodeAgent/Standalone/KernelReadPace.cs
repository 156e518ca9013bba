using Damon.Engine.KernelDamon;
using Damon.Engine.Probes;

namespace Damon.NodeAgent.Standalone;

/// <summary>
/// How long to wait before the kernel is asked again: as long as the schemes' intervals allow and the ceiling asks for, in whole aggregations, less what lets the question come shortly before the end of one.
/// </summary>
/// <param name="cpuCeiling">Share of one CPU that reading may cost.</param>
internal sealed class KernelReadPace(double cpuCeiling)
{
    /// <summary>Before the end of an aggregation: the kernel answers there, and holds its interface's lock for as long as somebody waits for the answer.</summary>
    private static readonly TimeSpan ReadAhead = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly IntervalGovernor _governor = new(cpuCeiling, TimeSpan.FromMilliseconds(1), Longest);

    /// <summary>Until the next read.</summary>
    /// <param name="report">What was just reported.</param>
    /// <param name="wasRead">Whether regions were read for it.</param>
    /// <param name="wanted">How often somebody wants them; zero for at each aggregation.</param>
    public TimeSpan Next(SensorReport report, bool wasRead, TimeSpan wanted)
    {
        var aggregation = report.Intervals.Aggregation;
        var interval = wanted < aggregation ? aggregation : wanted;
        var affordable = wasRead ? _governor.Next(report.CpuTime) : _governor.Interval;
        interval = affordable > interval ? affordable : interval;
        var aggregations = Math.Max(1, (interval.Ticks + aggregation.Ticks - 1) / aggregation.Ticks);
        var ahead = report.Intervals.Sample * 2;
        ahead = ahead < ReadAhead ? ReadAhead : ahead;
        return (aggregation * aggregations) - (ahead < aggregation ? ahead : aggregation);
    }
}

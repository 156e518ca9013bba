using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.Simulation;

/// <summary>
/// Compares what a session finds with a simulated memory's truth, aggregation by aggregation. Hot: the truth are pages accessed in at least half
/// of the window's sample intervals, found are regions with an access rate of at least 50 %. Cold: the truth are pages accessed in at most 5 % of
/// them, found are regions with a rate of at most 5 %. What lies between is neither.
/// </summary>
/// <param name="memory">The truth.</param>
public sealed class AccuracyMeter(SimulatedMemory memory) : ISessionObserver
{
    private const double HotShare = 0.5;
    private const double ColdShare = 0.05;

    private static readonly AddressRange Everything = new(0, ulong.MaxValue);

    private TimeSpan _measureFrom;

    /// <summary>What was found hot against what is hot.</summary>
    public DetectionCounts Hot { get; } = new();

    /// <summary>What was found cold against what is cold.</summary>
    public DetectionCounts Cold { get; } = new();

    /// <summary>Aggregations that were compared.</summary>
    public ulong Windows { get; private set; }

    /// <summary>Leaves out every window that begins before a moment: the engine's warm-up after a change.</summary>
    /// <param name="from">The moment, since the session began.</param>
    public void MeasureFrom(TimeSpan from) => _measureFrom = from;

    /// <inheritdoc/>
    public void OnAggregated(MonitoringSession session)
    {
        var intervals = session.Intervals;
        var to = session.Elapsed;
        var from = to - (intervals.Sample * intervals.SamplesPerAggregation);
        if (from < _measureFrom)
        {
            return;
        }

        Windows++;
        var notCold = Math.BitIncrement(ColdShare);
        Hot.TrueBytes += memory.BytesAccessedInAtLeast(HotShare, Everything, from, to, intervals.Sample);
        Cold.TrueBytes += memory.TotalBytes - memory.BytesAccessedInAtLeast(notCold, Everything, from, to, intervals.Sample);
        var samples = intervals.SamplesPerAggregation;
        foreach (var target in session.Targets)
        {
            for (var i = 0; i < target.Regions.Count; i++)
            {
                var region = target.Regions[i];
                var rate = (double)region.Accesses / samples;
                if (rate >= HotShare)
                {
                    Hot.FoundBytes += region.SizeBytes;
                    Hot.FoundTrueBytes += memory.BytesAccessedInAtLeast(HotShare, region.Range, from, to, intervals.Sample);
                }
                else if (rate <= ColdShare)
                {
                    Cold.FoundBytes += region.SizeBytes;
                    Cold.FoundTrueBytes += region.SizeBytes - memory.BytesAccessedInAtLeast(notCold, region.Range, from, to, intervals.Sample);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
    {
        // Accuracy is about what was found; what was done about it is in the scheme's own counts.
    }
}

namespace Damon.Demo.Measures;

/// <summary>
/// What the engine's running costs the workload: each short window in which the engine used a CPU is compared with the nearest ones in which it slept. A machine
/// whose speed changes by a fifth within seconds, as a shared one does, changes both alike.
/// </summary>
/// <param name="Share">Accesses lost, as a share of all in the stretch; negative for a gain; not a number where there was nothing to compare.</param>
/// <param name="StandardError">Of that share, from how much windows in which the engine slept differ from their neighbours.</param>
/// <param name="ActiveWindows">Windows in which the engine ran.</param>
/// <param name="QuietWindows">Windows in which it slept.</param>
internal readonly record struct PairedLoss(double Share, double StandardError, int ActiveWindows, int QuietWindows)
{
    /// <summary>Less than this in a window is a timer that looks at the clock, not a pass.</summary>
    private static readonly TimeSpan Asleep = TimeSpan.FromMilliseconds(0.5);

    /// <summary>So many quiet windows on each side are compared with.</summary>
    private const int Neighbours = 2;

    /// <summary>Compares the windows that lie wholly within a stretch.</summary>
    public static PairedLoss Of(ClockSpan span, IEnumerable<ThroughputWindow> windows, EngineActivity activity)
    {
        ThroughputWindow[] within = [.. windows.Where(window => window.FromNanoseconds >= span.FromNanoseconds && window.ToNanoseconds <= span.ToNanoseconds)];
        bool[] active = [.. within.Select(window => activity.CpuWithin(new ClockSpan(window.FromNanoseconds, window.ToNanoseconds)) > Asleep)];
        var lost = 0.0;
        var expected = 0.0;
        var differences = new List<double>();
        for (var i = 0; i < within.Length; i++)
        {
            var length = within[i].ToNanoseconds - within[i].FromNanoseconds;
            if (NearestQuiet(within, active, i) is not { } reference)
                return new PairedLoss(double.NaN, double.NaN, active.Count(a => a), active.Count(a => !a));

            expected += reference * length;
            if (active[i])
                lost += (reference - within[i].AccessesPerSecond) * length;
            else
                differences.Add((reference - within[i].AccessesPerSecond) / reference);
        }

        var count = active.Count(a => a);
        return new PairedLoss(lost / expected, Deviation(differences) * Math.Sqrt(count) / within.Length, count, within.Length - count);
    }

    /// <summary>The mean of the nearest windows on both sides in which the engine slept, the window itself left out.</summary>
    private static double? NearestQuiet(ThroughputWindow[] windows, bool[] active, int at)
    {
        var sum = 0.0;
        var count = 0;
        foreach (var step in (int[])[-1, 1])
        {
            var found = 0;
            for (var i = at + step; i >= 0 && i < windows.Length && found < Neighbours; i += step)
            {
                if (!active[i])
                {
                    sum += windows[i].AccessesPerSecond;
                    found++;
                }
            }

            count += found;
        }

        return count == 0 || sum <= 0 ? null : sum / count;
    }

    private static double Deviation(List<double> values) => values.Count == 0 ? double.NaN : Math.Sqrt(values.Sum(value => value * value) / values.Count);
}

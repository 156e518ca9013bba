namespace Damon.NodeAgent.Agent;

/// <summary>
/// Divides a node's looks at memory over its pods. A region costs one look in each sample interval. Every pod first gets its minimum; what is left goes by rank and size, up to what each pod wants at most.
/// Where the minima alone are too many, the sample interval becomes longer; where even the longest is not enough, the pods of the lowest rank are not served. Pure arithmetic.
/// </summary>
internal static class ProbeBudget
{
    /// <summary>Divides.</summary>
    /// <param name="looksPerSecond">How many looks there may be, above 0.</param>
    /// <param name="sample">The sample interval that is asked for.</param>
    /// <param name="longest">How long it may become; at least <paramref name="sample"/>.</param>
    /// <param name="demands">The best rank first.</param>
    public static ProbeDivision Divide(double looksPerSecond, TimeSpan sample, TimeSpan longest, IReadOnlyList<PodDemand> demands)
    {
        var most = looksPerSecond * longest.TotalSeconds;
        long minima = 0;
        var served = 0;
        while (served < demands.Count && minima + demands[served].MinRegions <= most)
        {
            minima += demands[served++].MinRegions;
        }

        var needed = TimeSpan.FromTicks((long)Math.Ceiling(minima / looksPerSecond * TimeSpan.TicksPerSecond));
        var interval = needed > longest ? longest : needed > sample ? needed : sample;
        var regions = new int[served];
        for (var i = 0; i < served; i++)
        {
            regions[i] = demands[i].MinRegions;
        }

        Pour(Math.Floor(looksPerSecond * interval.TotalSeconds) - minima, demands, regions);
        return new ProbeDivision(interval, regions);
    }

    /// <summary>Of what is left each pod gets its share; what is above its maximum is divided again among the others. Each round fills a pod, or ends it.</summary>
    private static void Pour(double left, IReadOnlyList<PodDemand> demands, int[] regions)
    {
        while (left >= 1)
        {
            double weights = 0;
            for (var i = 0; i < regions.Length; i++)
            {
                weights += regions[i] < demands[i].MaxRegions ? WeightOf(demands[i]) : 0;
            }

            if (weights <= 0)
            {
                return;
            }

            double given = 0;
            var filled = false;
            for (var i = 0; i < regions.Length; i++)
            {
                var room = demands[i].MaxRegions - regions[i];
                if (room <= 0)
                {
                    continue;
                }

                var share = Math.Floor(left * (WeightOf(demands[i]) / weights));
                filled |= share >= room;
                var more = (int)Math.Min(share, room);
                regions[i] += more;
                given += more;
            }

            left -= given;
            if (!filled)
            {
                return;
            }
        }
    }

    /// <summary>A pod of which nothing is known yet counts as one with a megabyte.</summary>
    private static double WeightOf(in PodDemand demand) => Math.Max(1 << 20, demand.Bytes) / (double)Math.Max(1, demand.Rank);
}

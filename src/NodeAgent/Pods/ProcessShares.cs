namespace Damon.NodeAgent.Pods;

/// <summary>Divides what may be looked at over containers, so that one with thousands of processes takes nothing from those with few.</summary>
internal static class ProcessShares
{
    /// <summary>
    /// The level up to which each container gets what it has, such that all together get at most so many (max-min fairness: those that have less than an even share keep it all, and what they do
    /// not use is divided over the others).
    /// </summary>
    /// <param name="counts">How many each has; is sorted.</param>
    /// <param name="maxEach">No container gets more than this.</param>
    /// <param name="maxTogether">All together get no more than this.</param>
    public static int Level(List<int> counts, int maxEach, int maxTogether)
    {
        counts.Sort();
        var left = maxTogether;
        for (var i = 0; i < counts.Count; i++)
        {
            var share = left / (counts.Count - i);
            var wants = Math.Min(counts[i], maxEach);
            if (wants > share)
            {
                return share;
            }

            left -= wants;
        }

        return maxEach;
    }
}

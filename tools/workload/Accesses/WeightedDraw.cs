using System.Runtime.CompilerServices;

namespace Damon.Workload.Accesses;

/// <summary>Draws an index with a probability in proportion to its weight. A phase has few accesses, so that a scan beats any cleverer table.</summary>
internal sealed class WeightedDraw
{
    private readonly ulong[] _upperBounds;

    /// <param name="weights">At least one; each above 0.</param>
    public WeightedDraw(IReadOnlyList<double> weights)
    {
        if (weights.Count == 0)
            throw new ArgumentException("There is nothing to draw from.", nameof(weights));
        if (weights.Any(weight => !(weight > 0) || double.IsInfinity(weight)))
            throw new ArgumentOutOfRangeException(nameof(weights), "A weight must be above 0 and finite.");

        var total = weights.Sum();
        var below = 0.0;
        // The last index has no bound: whatever the rounding of the others, every draw falls on an index.
        _upperBounds = new ulong[weights.Count - 1];
        for (var index = 0; index < _upperBounds.Length; index++)
        {
            below += weights[index];
            _upperBounds[index] = (ulong)(below / total * ulong.MaxValue);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Draw(ref RandomSequence random)
    {
        var bounds = _upperBounds;
        if (bounds.Length == 0)
            return 0;

        var drawn = random.Next();
        var index = 0;
        while (index < bounds.Length && drawn >= bounds[index])
            index++;
        return index;
    }
}

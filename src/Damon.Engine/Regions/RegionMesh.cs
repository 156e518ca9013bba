using System.Runtime.InteropServices;

namespace Damon.Engine.Regions;

/// <summary>
/// What an <see cref="AdaptiveRegionPolicy"/> remembers of one target beyond the merging of its regions: the pieces that were sampled, each with what was seen in it over the last few
/// aggregations, and whether cutting there has told anything.
/// </summary>
/// <remarks>
/// An array of structures, unlike <see cref="RegionColumns"/>: every pass reads every field. Two arrays take turns, and nothing is allocated once they have grown.
/// </remarks>
internal sealed class RegionMesh
{
    /// <summary>What an aggregation counts for in the next: ten of them are remembered, in effect.</summary>
    private const float Memory = 0.9f;

    /// <summary>A piece's own part of what was known of the whole that it was cut from.</summary>
    private const float Inherited = 0.25f;

    /// <summary>Differences above so many standard deviations are differences; by chance alone one in 370 pairs of equal pieces would show one.</summary>
    private const float Significance = 3;

    /// <summary>By how much a place loses interest with each aggregation in which cuts there told nothing apart.</summary>
    private const float Boredom = 0.8f;

    private const float LeastGain = 0.02f;

    /// <summary>So many pieces on both sides are what one is compared with besides its neighbours: their common rate is known far better than that of one.</summary>
    private const int Surroundings = 16;

    private Cell[] _cells = [];
    private Cell[] _spare = [];
    private int _count;

    /// <summary>The pieces, ascending.</summary>
    public ReadOnlySpan<Cell> Cells => _cells.AsSpan(0, _count);

    /// <summary>Takes in what an aggregation has counted, before anything is merged.</summary>
    /// <param name="table">The pieces with their counts.</param>
    /// <param name="samples">Sample intervals of the aggregation: the highest count there can be.</param>
    public void Learn(RegionTable table, uint samples)
    {
        if (_spare.Length < table.Count)
        {
            _spare = new Cell[Math.Max(table.Count, _spare.Length * 2)];
        }

        var starts = table.Starts;
        var ends = table.Ends;
        var accesses = table.Accesses;
        var at = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            while (at < _count && _cells[at].End <= starts[i])
            {
                at++;
            }

            _spare[i] = Recall(at, starts[i], ends[i]);
            _spare[i].Add(accesses[i], samples);
        }

        _count = starts.Length;
        (_cells, _spare) = (_spare, _cells);
        JudgeCuts();
    }

    /// <summary>What is remembered of an address range.</summary>
    private Cell Recall(int first, ulong start, ulong end)
    {
        var cell = new Cell { Start = start, End = end, Gain = 1 };
        if (first < _count && _cells[first].Start <= start && end <= _cells[first].End)
        {
            ref readonly var whole = ref _cells[first];
            var own = whole.Start == start && whole.End == end ? 1 : Inherited;
            cell.Hits = whole.Hits * own;
            cell.Samples = whole.Samples * own;
            cell.Gain = whole.Gain;
            return cell;
        }

        // A piece over several former ones: their mean, by bytes.
        double hits = 0;
        double samples = 0;
        double gain = 0;
        for (var i = first; i < _count && _cells[i].Start < end; i++)
        {
            var share = (Math.Min(end, _cells[i].End) - Math.Max(start, _cells[i].Start)) / (double)(end - start);
            hits += _cells[i].Hits * share;
            samples += _cells[i].Samples * share;
            gain += _cells[i].Gain * share;
        }

        cell.Hits = (float)hits;
        cell.Samples = (float)samples;
        cell.Gain = samples > 0 ? (float)gain : 1;
        return cell;
    }

    /// <summary>
    /// A cut has told something where a piece differs by more than chance from a neighbour or from its surroundings. The latter finds a small hot object in a large piece among stray
    /// accesses: against one neighbour its few hits more are within chance, against the common rate of 32 they are not.
    /// </summary>
    private void JudgeCuts()
    {
        var cells = _cells.AsSpan(0, _count);
        var differsFromPrevious = false;
        double hits = 0;
        double samples = 0;
        for (var i = 0; i < Math.Min(Surroundings, cells.Length); i++)
        {
            hits += cells[i].Hits;
            samples += cells[i].Samples;
        }

        for (var i = 0; i < cells.Length; i++)
        {
            ref var cell = ref cells[i];
            if (i + Surroundings < cells.Length)
            {
                hits += cells[i + Surroundings].Hits;
                samples += cells[i + Surroundings].Samples;
            }

            if (i > Surroundings)
            {
                hits -= cells[i - Surroundings - 1].Hits;
                samples -= cells[i - Surroundings - 1].Samples;
            }

            var others = (float)(samples - cell.Samples);
            var differsFromNext = i + 1 < cells.Length && cell.End == cells[i + 1].Start && cell.DiffersFrom(cells[i + 1].Rate, cells[i + 1].Samples);
            if (differsFromPrevious || differsFromNext || (others > 0 && cell.DiffersFrom((float)(hits - cell.Hits) / others, others)))
            {
                cell.Gain = 1;
            }
            else
            {
                // Where nothing is accessed far and wide there was nothing to tell apart; what begins to be accessed there is worth a look again.
                cell.Gain = hits < 0.5 ? Math.Min(1, cell.Gain / Boredom) : Math.Max(LeastGain, cell.Gain * Boredom);
            }

            differsFromPrevious = differsFromNext;
        }
    }

    /// <summary>A piece of a target's memory and what was seen in it.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct Cell
    {
        public ulong Start;
        public ulong End;

        /// <summary>Accesses seen, those of older aggregations counting less.</summary>
        public float Hits;

        /// <summary>Looks taken, counted alike.</summary>
        public float Samples;

        /// <summary>How much cutting here may still tell, from 0 to 1.</summary>
        public float Gain;

        public readonly ulong SizeBytes => End - Start;

        public readonly float Rate => Samples > 0 ? Hits / Samples : 0;

        /// <summary>Bytes that are likely to be counted with the wrong neighbours while this is one piece: the more of both kinds it holds, the more.</summary>
        public readonly double MixedBytes => (double)SizeBytes * Rate * (1 - Rate) * Gain;

        public readonly bool DiffersFrom(float rate, float samples)
        {
            if (Samples <= 0 || samples <= 0)
            {
                return false;
            }

            // The usual test of two proportions with their common mean. One access more or less is always chance: the normal approximation says nothing about counts of one or two.
            var mean = (Hits + (rate * samples)) / (Samples + samples);
            var variance = mean * (1 - mean) * ((1 / Samples) + (1 / samples));
            var difference = Math.Abs(Rate - rate) - (1 / Math.Min(Samples, samples));
            return difference > 0 && difference * difference > Significance * Significance * variance;
        }

        public void Add(uint accesses, uint samples)
        {
            if (DiffersFrom((float)accesses / samples, samples))
            {
                // It is accessed in another way than before: what was known is wrong, and the place is new.
                Hits = accesses;
                Samples = samples;
                Gain = 1;
                return;
            }

            Hits = (Hits * Memory) + accesses;
            Samples = (Samples * Memory) + samples;
        }
    }
}

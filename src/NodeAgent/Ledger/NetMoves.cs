using Damon.Engine.Regions;

namespace Damon.NodeAgent.Ledger;

/// <summary>
/// What a process's moves amount to: for each address where its pages came from at first and where they are now. Memory that went out and came back owes nothing, and memory that was moved on owes one
/// move. So however often a scheme moves the same memory, what is owed is bounded by the memory and not by time.
/// </summary>
internal sealed class NetMoves
{
    /// <summary>Ascending, without overlaps.</summary>
    private readonly List<PageMove> _moves = [];

    public IReadOnlyList<PageMove> Moves => _moves;

    /// <summary>Adds a move of the same process that was made after all others.</summary>
    public void Add(PageMove move)
    {
        var first = FirstEndingAfter(move.Range.Start);
        var pieces = new List<PageMove>();
        var cursor = move.Range.Start;
        var next = first;
        for (; next < _moves.Count && _moves[next].Range.Start < move.Range.End; next++)
        {
            var earlier = _moves[next];
            AddPart(pieces, earlier, earlier.Range.Start, move.Range.Start);
            AddPart(pieces, move, cursor, earlier.Range.Start);
            var end = Math.Min(earlier.Range.End, move.Range.End);
            if (earlier.From != move.To)
            {
                AddPart(pieces, move with { From = earlier.From }, Math.Max(earlier.Range.Start, move.Range.Start), end);
            }

            AddPart(pieces, earlier, move.Range.End, earlier.Range.End);
            cursor = end;
        }

        AddPart(pieces, move, cursor, move.Range.End);
        _moves.RemoveRange(first, next - first);
        _moves.InsertRange(first, pieces);
    }

    /// <summary>Makes one move of those that lie beside each other and are alike.</summary>
    public void Join()
    {
        var kept = 0;
        for (var i = 1; i < _moves.Count; i++)
        {
            var (last, move) = (_moves[kept], _moves[i]);
            if (last.Range.End == move.Range.Start && last with { Range = default } == move with { Range = default })
            {
                _moves[kept] = last with { Range = new AddressRange(last.Range.Start, move.Range.End) };
            }
            else
            {
                _moves[++kept] = move;
            }
        }

        _moves.RemoveRange(Math.Min(kept + 1, _moves.Count), Math.Max(0, _moves.Count - kept - 1));
    }

    private static void AddPart(List<PageMove> pieces, PageMove move, ulong start, ulong end)
    {
        if (start < end)
        {
            pieces.Add(move with { Range = new AddressRange(start, end) });
        }
    }

    private int FirstEndingAfter(ulong address)
    {
        int low = 0, high = _moves.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _moves[middle].Range.End > address ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}

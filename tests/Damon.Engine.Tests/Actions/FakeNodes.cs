using Damon.Engine.Actions;
using Damon.Engine.Interop;

namespace Damon.Engine.Tests.Actions;

/// <summary>Memory nodes of a machine that this one is not: each page lies on node 0 until it is moved, unless something keeps it.</summary>
internal sealed class FakeNodes : IPageMoves
{
    private readonly Dictionary<ulong, int> _nodes = [];

    /// <summary>What keeps a page where it is, as the negated errno of its status; 0 for nothing.</summary>
    public Func<ulong, int, int> Keeps { get; set; } = (_, _) => 0;

    /// <summary>The result of each moving call, in order: a negated errno makes it fail as a whole, after it has moved so many pages as <see cref="MovesBeforeFailing"/>.</summary>
    public Queue<long> Results { get; } = new();

    public int MovesBeforeFailing { get; set; }

    /// <summary>What asking gives.</summary>
    public long FindResult { get; set; }

    /// <summary>Runs before every moving call.</summary>
    public Action? OnMove { get; set; }

    /// <summary>Runs before every asking call.</summary>
    public Action? OnFind { get; set; }

    public List<(ulong[] Pages, int[] Nodes)> Moves { get; } = [];

    public int Finds { get; private set; }

    public int Largest { get; private set; }

    public int this[ulong page]
    {
        get => _nodes.GetValueOrDefault(page);
        set => _nodes[page] = value;
    }

    public long Find(ReadOnlySpan<ulong> pages, Span<int> status)
    {
        OnFind?.Invoke();
        Finds++;
        Largest = Math.Max(Largest, pages.Length);
        if (FindResult < 0)
        {
            return FindResult;
        }

        for (var i = 0; i < pages.Length; i++)
        {
            status[i] = this[pages[i]];
        }

        return 0;
    }

    public long Move(ReadOnlySpan<ulong> pages, ReadOnlySpan<int> nodes, Span<int> status)
    {
        OnMove?.Invoke();
        Moves.Add((pages.ToArray(), nodes.ToArray()));
        Largest = Math.Max(Largest, pages.Length);
        var result = Results.TryDequeue(out var given) ? given : 0;
        var stayed = 0L;
        for (var i = 0; i < pages.Length; i++)
        {
            if (result < 0 && i >= MovesBeforeFailing)
            {
                return result;
            }

            var kept = Keeps(pages[i], nodes[i]);
            status[i] = kept < 0 ? kept : nodes[i];
            stayed += kept < 0 ? 1 : 0;
            if (kept == 0)
            {
                _nodes[pages[i]] = nodes[i];
            }
        }

        return result < 0 ? result : stayed;
    }

    public static int Busy(ulong page, int node) => -Errno.EBUSY;
}

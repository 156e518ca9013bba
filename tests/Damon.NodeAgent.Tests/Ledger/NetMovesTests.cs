using CsCheck;
using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Ledger;

public class NetMovesTests
{
    // 0────────────────────────10   0→1
    //      3──────────7             1→0   back: nothing is owed of it
    [Fact]
    public void What_came_back_is_owed_no_longer() => Net(Move(0, 10, 0, 1), Move(3, 7, 1, 0)).Should().Equal(Move(0, 3, 0, 1), Move(7, 10, 0, 1));

    [Fact]
    public void What_was_moved_on_is_owed_from_where_it_began() => Net(Move(0, 10, 0, 1), Move(3, 7, 1, 2)).Should().Equal(Move(0, 3, 0, 1), Move(3, 7, 0, 2), Move(7, 10, 0, 1));

    [Fact]
    public void Neighbours_that_were_moved_alike_become_one() => Net(Move(5, 9, 0, 1), Move(0, 5, 0, 1), Move(9, 10, 1, 0)).Should().Equal(Move(0, 9, 0, 1), Move(9, 10, 1, 0));

    /// <summary>Page by page: what undoing the net moves does to the last state gives the first one.</summary>
    [Fact]
    public void Undoing_what_they_amount_to_leads_back_to_the_beginning() =>
        Gen.Select(Gen.Int[0, 31], Gen.Int[1, 12], Gen.Int[0, 2]).Array[1, 40].Sample(steps =>
        {
            var first = Enumerable.Range(0, 48).Select(page => page % 3).ToArray();
            var now = (int[])first.Clone();
            var net = new NetMoves();
            foreach (var (start, length, to) in steps)
            {
                // A move is of pages that all lie on one node, so a stretch of others is several moves.
                for (var page = start; page < start + length;)
                {
                    var end = page + 1;
                    while (end < start + length && now[end] == now[page])
                    {
                        end++;
                    }

                    if (now[page] != to)
                    {
                        net.Add(Move((ulong)page, (ulong)end, now[page], to));
                        Array.Fill(now, to, page, end - page);
                    }

                    page = end;
                }
            }

            net.Join();
            net.Moves.Zip(net.Moves.Skip(1)).All(pair => pair.First.Range.End <= pair.Second.Range.Start).Should().BeTrue();
            var owed = new HashSet<int>();
            foreach (var move in net.Moves)
            {
                for (var page = (int)(move.Range.Start / 4096); page < (int)(move.Range.End / 4096); page++)
                {
                    now[page].Should().Be(move.To);
                    now[page] = move.From;
                    owed.Add(page);
                }
            }

            now.Should().Equal(first);
        });

    private static IReadOnlyList<PageMove> Net(params ReadOnlySpan<PageMove> moves)
    {
        var net = new NetMoves();
        foreach (var move in moves)
        {
            net.Add(move);
        }

        net.Join();
        return net.Moves;
    }

    private static PageMove Move(ulong start, ulong end, int from, int to) => new("s", "p", new ProcessIdentity(1, 1), new AddressRange(start * 4096, end * 4096), from, to);
}

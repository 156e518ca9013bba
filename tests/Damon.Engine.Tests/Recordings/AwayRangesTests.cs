using CsCheck;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Recordings;

public class AwayRangesTests
{
    private const int Size = 64;

    [Fact]
    public void It_is_a_set_of_addresses() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, Size], Gen.Int[0, Size], Gen.Int[0, 20]).Array[1, 40].Sample(
            steps =>
            {
                var model = new bool[Size];
                var ranges = new AwayRanges();
                foreach (var (kind, a, b, bytes) in steps)
                {
                    var (start, end) = (Math.Min(a, b), Math.Max(a, b));
                    var range = new AddressRange((ulong)start, (ulong)end);
                    ulong changed = 0;
                    for (var i = start; i < end; i++)
                    {
                        if (model[i] != (kind == 0) && (kind < 2 || changed < (ulong)bytes))
                        {
                            model[i] = kind == 0;
                            changed++;
                        }
                    }

                    (kind switch { 0 => ranges.Add(range), 1 => ranges.Remove(range), _ => ranges.Remove(range, (ulong)bytes) }).Should().Be(changed);
                    ranges.TotalBytes.Should().Be((ulong)model.Count(away => away));
                    ranges.BytesIn(range).Should().Be((ulong)model[start..end].Count(away => away));
                    for (var at = start; at < end;)
                    {
                        var (to, isAway) = ranges.StretchFrom((ulong)at, (ulong)end);
                        model[at..(int)to].Should().OnlyContain(away => away == isAway);
                        ((int)to).Should().BeInRange(at + 1, end);
                        at = (int)to;
                    }
                }
            },
            iter: 2000);
}

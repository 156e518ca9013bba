using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class RandomSourceTests
{
    [Fact]
    public void A27_a_draw_below_ten_is_from_0_to_9()
    {
        var random = new RandomSource(1);

        Enumerable.Range(0, 10_000).Select(_ => random.NextBelow(10)).Distinct().Order().Should().Equal(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
}

using Damon.Workload.Accesses;

namespace Damon.Workload.Tests.Accesses;

public class RandomSequenceTests
{
    /// <summary>The generator's published outputs for seed 0.</summary>
    [Fact]
    public void Draws_are_those_of_SplitMix64()
    {
        var random = new RandomSequence(0);
        ulong[] drawn = [random.Next(), random.Next(), random.Next()];

        drawn.Should().Equal(0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F);
    }

    [Fact]
    public void Draws_below_a_bound_reach_all_of_it_and_nothing_else()
    {
        var random = new RandomSequence(7);
        var drawn = new HashSet<ulong>();
        for (var count = 0; count < 200; count++)
            drawn.Add(random.NextBelow(5));

        drawn.Should().BeEquivalentTo([0UL, 1UL, 2UL, 3UL, 4UL]);
    }
}

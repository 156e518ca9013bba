using CsCheck;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Pods;

public class ProcessSharesTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3 }, 10, 100, 10)]
    [InlineData(new[] { 1, 2, 5000 }, 10, 100, 10)]
    [InlineData(new[] { 1, 2, 5000 }, 5000, 100, 97)]
    [InlineData(new[] { 1, 5000, 5000 }, 5000, 101, 50)]
    [InlineData(new[] { 5000, 5000, 5000 }, 5000, 2, 0)]
    [InlineData(new int[0], 10, 100, 10)]
    public void Small_containers_keep_all_and_large_ones_share_the_rest(int[] counts, int maxEach, int maxTogether, int level) =>
        ProcessShares.Level([.. counts], maxEach, maxTogether).Should().Be(level);

    [Fact]
    public void Together_never_more_than_there_is_and_never_less_than_fits() =>
        Gen.Select(Gen.Int[0, 5000].Array[0, 40], Gen.Int[1, 1000], Gen.Int[1, 10_000]).Sample((counts, maxEach, maxTogether) =>
        {
            var level = ProcessShares.Level([.. counts], maxEach, maxTogether);
            var given = counts.Sum(count => Math.Min(count, level));
            given.Should().BeLessThanOrEqualTo(maxTogether);
            level.Should().BeLessThanOrEqualTo(maxEach);

            // One more for each would be too much, or nobody may have more.
            (level == maxEach || counts.Sum(count => Math.Min(count, level + 1)) > maxTogether).Should().BeTrue();
        });
}

using Damon.NodeAgent.Heatmaps;

namespace Damon.NodeAgent.Tests.Heatmaps;

public class HeatmapShadesTests
{
    [Theory]
    [InlineData(0, " ")]
    [InlineData(0.000001, ".")]
    [InlineData(0.12, ":")]
    [InlineData(0.5, "+")]
    [InlineData(1, "@")]
    public void A_rate_above_zero_never_looks_like_none(double rate, string shade) => HeatmapShades.Draw([rate]).Should().Be(shade);
}

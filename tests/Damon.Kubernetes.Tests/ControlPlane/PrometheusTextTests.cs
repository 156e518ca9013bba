using Damon.Testing.ControlPlane.Servers;

namespace Damon.Kubernetes.Tests.ControlPlane;

public class PrometheusTextTests
{
    private const string Page = """
        # HELP looks_total Looks.
        # TYPE looks_total counter
        looks_total{controller="node",result="Succeeded"} 7
        looks_total{controller="scheme",result="Succeeded"} 3
        looks_total_of_others 100
        up 1
        took_bucket{controller="node",le="0.01"} 90
        took_bucket{controller="node",le="0.1"} 99
        took_bucket{controller="node",le="+Inf"} 100
        took_bucket{controller="scheme",le="0.01"} 0
        took_bucket{controller="scheme",le="0.1"} 10
        took_bucket{controller="scheme",le="+Inf"} 10

        """;

    [Theory]
    [InlineData("looks_total", "", 10)]
    [InlineData("looks_total", "controller=\"node\"", 7)]
    [InlineData("up", "", 1)]
    [InlineData("down", "", 0)]
    public void A_sum_is_over_the_series_of_just_that_name(string name, string label, double sum) =>
        PrometheusText.Sum(Page, name, label.Length == 0 ? [] : [label]).Should().Be(sum);

    [Theory]
    [InlineData(0.5, 0.01)]
    [InlineData(0.9, 0.1)]
    [InlineData(0.99, 0.1)]
    [InlineData(0.995, double.PositiveInfinity)]
    public void A_quantile_is_the_bound_of_its_bucket_over_all_series(double quantile, double bound) => PrometheusText.Quantile("", Page, "took", quantile).Should().Be(bound);

    [Fact]
    public void Between_two_equal_pages_nothing_was_observed() => PrometheusText.Quantile(Page, Page, "took", 0.5).Should().Be(double.NaN);
}

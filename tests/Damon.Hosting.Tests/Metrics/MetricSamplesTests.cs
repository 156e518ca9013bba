using System.Buffers;
using System.Text;
using Damon.Hosting.Metrics;
using Damon.Testing;

namespace Damon.Hosting.Tests.Metrics;

public class MetricSamplesTests
{
    [Fact]
    public void A_histogram_has_its_buckets_summed_up_to_each_bound()
    {
        var page = Page(MetricType.Histogram, ["a"], samples => samples.AddHistogram([0.5, 1], [1, 2, 3], 12.5, "x\"y"));
        page.Should().Be("""
            # HELP damon_agent_x_seconds X.
            # TYPE damon_agent_x_seconds histogram
            damon_agent_x_seconds_bucket{a="x\"y",le="0.5"} 1
            damon_agent_x_seconds_bucket{a="x\"y",le="1"} 3
            damon_agent_x_seconds_bucket{a="x\"y",le="+Inf"} 6
            damon_agent_x_seconds_sum{a="x\"y"} 12.5
            damon_agent_x_seconds_count{a="x\"y"} 6

            """);
        ExpositionCheck.Problems(page).Should().BeEmpty();
    }

    [Fact]
    public void A_histogram_without_labels_has_none_but_the_bound()
    {
        var page = Page(MetricType.Histogram, [], static samples => samples.AddHistogram([1], [0, 0], 0));
        page.Should().Contain("damon_agent_x_seconds_bucket{le=\"1\"} 0\n").And.Contain("damon_agent_x_seconds_count 0\n");
        ExpositionCheck.Problems(page).Should().BeEmpty();
    }

    [Fact]
    public void Two_histograms_of_the_same_labels_are_written_once() =>
        ExpositionCheck.Problems(Page(MetricType.Histogram, [], static samples =>
        {
            samples.AddHistogram([1], [1, 0], 1);
            samples.AddHistogram([1], [2, 0], 1);
        })).Should().BeEmpty();

    [Fact]
    public void Bounds_and_counts_that_do_not_belong_together_are_a_bug_that_shows() =>
        FluentActions.Invoking(() => Page(MetricType.Histogram, [], static samples => samples.AddHistogram([1], [1], 1))).Should().Throw<ArgumentException>();

    private static string Page(MetricType type, string[] labels, Action<MetricSamples> collect)
    {
        var to = new ArrayBufferWriter<byte>();
        new MetricSamples(to).Write(new MetricFamily<int>("damon_agent_x_seconds", type, "X.", labels, (samples, _) => collect(samples)), 0);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }
}

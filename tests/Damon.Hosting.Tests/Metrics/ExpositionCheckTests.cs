using Damon.Testing;

namespace Damon.Hosting.Tests.Metrics;

public class ExpositionCheckTests
{
    private const string Head = "# HELP damon_agent_x_bytes A.\n# TYPE damon_agent_x_bytes gauge\n";

    private const string Histogram = "# HELP damon_agent_x_seconds A.\n# TYPE damon_agent_x_seconds histogram\n";

    [Theory]
    [InlineData(Head + "damon_agent_x_bytes 1\n", null)]
    [InlineData(Histogram + "damon_agent_x_seconds_bucket{le=\"1\"} 1\ndamon_agent_x_seconds_bucket{le=\"+Inf\"} 3\ndamon_agent_x_seconds_sum 9\ndamon_agent_x_seconds_count 3\n", null)]
    [InlineData(Histogram + "damon_agent_x_seconds_bucket{a=\"b\",le=\"1\"} 2\ndamon_agent_x_seconds_bucket{a=\"b\",le=\"+Inf\"} 1\n", "fewer")]
    [InlineData(Histogram + "damon_agent_x_seconds_bucket{le=\"+Inf\"} 3\ndamon_agent_x_seconds_count 2\n", "as its count says")]
    [InlineData(Histogram + "damon_agent_x_seconds_bucket{le=\"1\"} 3\ndamon_agent_x_seconds_count 3\n", "as its count says")]
    [InlineData(Histogram + "damon_agent_x_seconds{le=\"1\"} 3\n", "below its own TYPE")]
    [InlineData(Head + "damon_agent_x_bytes{a=\"\\\\ \\n \\\"\",b=\"\"} 1.5E+20\n", null)]
    [InlineData(Head + "damon_agent_x_bytes 1", "line feed")]
    [InlineData(Head + "damon_agent_x_bytes 1\ndamon_agent_x_bytes 1\n", "twice")]
    [InlineData(Head + "damon_agent_x_bytes{a=\"1\",a=\"2\"} 1\n", "label twice")]
    [InlineData(Head + "damon_agent_x_bytes{le=\"1\"} 1\n", "reserved")]
    [InlineData(Head + "damon_agent_x_bytes{a=\"\"\"} 1\n", "not a line")]
    [InlineData(Head + "damon_agent_x_bytes{a=\"\n\"} 1\n", "not a line")]
    [InlineData(Head + "damon_agent_x_bytes 1,5\n", "not a line")]
    [InlineData(Head + "damon_agent_y_bytes 1\n", "below its own TYPE")]
    [InlineData(Head, "no value")]
    [InlineData("damon_agent_x_bytes 1\n", "below its own TYPE")]
    [InlineData("# TYPE damon_agent_x_bytes gauge\ndamon_agent_x_bytes 1\n", "does not follow its HELP")]
    [InlineData("# HELP damon_agent_x_bytes \n# TYPE damon_agent_x_bytes gauge\ndamon_agent_x_bytes 1\n", "no help")]
    [InlineData("# HELP damon_agent_x_bytes A.\n# TYPE damon_agent_x_bytes counter\ndamon_agent_x_bytes 1\n", "_total")]
    [InlineData("# HELP damon_agent_x_total A.\n# TYPE damon_agent_x_total gauge\ndamon_agent_x_total 1\n", "_total")]
    [InlineData("# HELP damon_agent_bytes_x A.\n# TYPE damon_agent_bytes_x gauge\ndamon_agent_bytes_x 1\n", "elsewhere than at the end")]
    [InlineData("# HELP damon_agent_x_percent A.\n# TYPE damon_agent_x_percent gauge\ndamon_agent_x_percent 1\n", "base unit")]
    [InlineData("# HELP agent_x_bytes A.\n# TYPE agent_x_bytes gauge\nagent_x_bytes 1\n", "does not begin")]
    [InlineData(Head + "damon_agent_x_bytes 1\n" + Head + "damon_agent_x_bytes{a=\"\"} 1\n", "two places")]
    public void A_page_that_a_collector_would_refuse_is_found(string page, string? problem)
    {
        if (problem is null)
        {
            ExpositionCheck.Problems(page).Should().BeEmpty();
        }
        else
        {
            ExpositionCheck.Problems(page).Should().Contain(found => found.Contains(problem));
        }
    }
}

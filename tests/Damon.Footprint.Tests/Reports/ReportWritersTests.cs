using System.Text.Json.Nodes;
using Damon.Footprint.Reports;

namespace Damon.Footprint.Tests.Reports;

public class ReportWritersTests
{
    private static readonly FootprintReport Report = new(
        "abc123",
        new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero),
        [("CPU", "of the test")],
        "a server",
        "3 pods",
        [new FootprintRow("paced", "CPU", 1.5, "%", 2, "over 120 s"), new FootprintRow("paced", "resident", 61, "MiB", 60)],
        []);

    [Fact]
    public void The_table_has_a_line_for_each_figure_and_one_for_what_was_not_measured() =>
        ReportWriters.Table(Report with { NotMeasured = ["shipped: it has ended"] }).Split('\n').Select(line => line.TrimEnd()).Should().Equal(
            "stage  figure    value   bound     verdict  note",
            "paced  CPU       1.50 %  ≤ 2 %     holds    over 120 s",
            "paced  resident  61 MiB  ≤ 60 MiB  MISSED",
            "not measured: shipped: it has ended",
            "");

    [Fact]
    public void Markdown_says_of_which_commit_and_machine_it_is() =>
        ReportWriters.Markdown(Report).Should().StartWith("# The agent's footprint, 2026-11-30\n").And.Contain("| Commit | abc123 |\n| CPU | of the test |\n| API server | a server |")
            .And.Contain("| paced | resident | 61 MiB | ≤ 60 MiB | MISSED |  |\n");

    [Fact]
    public void Json_has_all_of_it_and_whether_all_bounds_are_held()
    {
        var json = JsonNode.Parse(ReportWriters.Json(Report))!;
        ((string?)json["commit"], (bool)json["isHeld"]!).Should().Be(("abc123", false));
        ((double)json["rows"]![0]!["value"]!, (double)json["rows"]![0]!["bound"]!, (bool)json["rows"]![1]!["isMissed"]!).Should().Be((1.5, 2.0, true));
        ((bool)JsonNode.Parse(ReportWriters.Json(Report with { Rows = [Report.Rows[0]] }))!["isHeld"]!).Should().BeTrue();
        ((bool)JsonNode.Parse(ReportWriters.Json(Report with { Rows = [Report.Rows[0]], NotMeasured = ["x"] }))!["isHeld"]!).Should().BeFalse("what was not measured holds nothing");
    }
}

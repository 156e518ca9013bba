using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Damon.Footprint.Reports;

/// <summary>A run as text for a terminal, as Markdown for the results, and as JSON for programs.</summary>
internal static class ReportWriters
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Columns for a terminal.</summary>
    public static string Table(FootprintReport report)
    {
        var text = new StringBuilder();
        List<string[]> cells = [["stage", "figure", "value", "bound", "verdict", "note"], .. report.Rows.Select(row => (string[])[row.Stage, row.Figure, row.ValueText, row.BoundText, row.Verdict, row.Note])];
        var widths = Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length)).ToArray();
        foreach (var row in cells)
        {
            text.AppendJoin("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).Append('\n');
        }

        foreach (var missing in report.NotMeasured)
        {
            text.Append("not measured: ").Append(missing).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>For <c>benchmarks/results</c>.</summary>
    public static string Markdown(FootprintReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# The agent's footprint, {report.TakenAt:yyyy-MM-dd}\n\n| | |\n| --- | --- |\n| Commit | {report.Commit} |\n");
        foreach (var (name, fact) in report.Machine)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {fact} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"| API server | {report.Server} |\n| Node | {report.Node} |\n\nWritten by `make footprint`; [how it is measured](../README.md#the-agents-footprint).\n\n");
        text.Append("| stage | figure | value | bound | verdict | note |\n| --- | --- | ---: | ---: | --- | --- |\n");
        foreach (var row in report.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Stage} | {row.Figure} | {row.ValueText} | {row.BoundText} | {row.Verdict} | {row.Note} |\n");
        }

        foreach (var missing in report.NotMeasured)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nNot measured: {missing}\n");
        }

        return text.ToString();
    }

    /// <summary>One JSON object.</summary>
    public static string Json(FootprintReport report) => new JsonObject
    {
        ["commit"] = report.Commit,
        ["takenAt"] = report.TakenAt.UtcDateTime,
        ["machine"] = new JsonObject(report.Machine.Select(fact => KeyValuePair.Create(fact.Name, (JsonNode?)fact.Text))),
        ["server"] = report.Server,
        ["node"] = report.Node,
        ["isHeld"] = !report.Rows.Any(row => row.IsMissed) && report.NotMeasured.Count == 0,
        ["rows"] = new JsonArray([.. report.Rows.Select(row => new JsonObject
        {
            ["stage"] = row.Stage, ["figure"] = row.Figure, ["value"] = row.Value, ["unit"] = row.Unit, ["bound"] = row.Bound, ["isMissed"] = row.IsMissed, ["note"] = row.Note,
        })]),
        ["notMeasured"] = new JsonArray([.. report.NotMeasured.Select(missing => JsonValue.Create(missing))]),
    }.ToJsonString(Indented);
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Damon.Lab.Guest.Running;

/// <summary>One line of the inside's report. Written there and read outside; described in tests/lab/README.md.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Test">The test it happened to; empty for the end of all.</param>
/// <param name="Seconds">How long the test took.</param>
/// <param name="Message">Why it failed or was skipped.</param>
/// <param name="Passed">At the end: how many.</param>
/// <param name="Failed">At the end: how many.</param>
/// <param name="Skipped">At the end: how many.</param>
public sealed record LabEvent(LabEventKind Kind, string Test = "", double Seconds = 0, string Message = "", int Passed = 0, int Failed = 0, int Skipped = 0)
{
    private const string Mark = "{\"lab\":";

    public bool IsResult => Kind is LabEventKind.Passed or LabEventKind.Failed or LabEventKind.Skipped;

    /// <summary>The event as a line, without its end.</summary>
    public string ToLine()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("lab", NameOf(Kind));
            if (Kind == LabEventKind.Finished)
            {
                json.WriteNumber("passed", Passed);
                json.WriteNumber("failed", Failed);
                json.WriteNumber("skipped", Skipped);
            }
            else
            {
                json.WriteString("test", Test);
                if (Kind is LabEventKind.Passed or LabEventKind.Failed)
                    json.WriteNumber("seconds", Math.Round(Seconds, 3));
                if (Kind is LabEventKind.Failed or LabEventKind.Skipped)
                    json.WriteString("message", Message);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Reads a line; one that is something else (a program's own output, half a line of a machine that died) is none.</summary>
    public static LabEvent? TryParse(string line)
    {
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
            return null;

        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            foreach (var kind in Enum.GetValues<LabEventKind>())
            {
                if (root.GetProperty("lab").ValueEquals(NameOf(kind)))
                    return new LabEvent(kind, Text("test"), Number("seconds"), Text("message"), (int)Number("passed"), (int)Number("failed"), (int)Number("skipped"));
            }

            return null;

            string Text(string name) => root.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
            double Number(string name) => root.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string NameOf(LabEventKind kind) => kind switch
    {
        LabEventKind.Started => "started",
        LabEventKind.Passed => "passed",
        LabEventKind.Failed => "failed",
        LabEventKind.Skipped => "skipped",
        _ => "finished",
    };
}

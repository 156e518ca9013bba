using Damon.Lab.Guest.Running;

namespace Damon.Lab.Tests.Runs;

/// <summary>What a kernel's run brought back.</summary>
/// <param name="Results">Of the tests that came to an end, by name.</param>
/// <param name="Running">The test that had begun and did not end; empty where there is none.</param>
/// <param name="IsFinished">All tests are through.</param>
/// <param name="Other">Lines that are no events, in their order.</param>
internal sealed record LabReport(IReadOnlyDictionary<string, LabEvent> Results, string Running, bool IsFinished, IReadOnlyList<string> Other)
{
    /// <summary>Reads the raw output of the inside.</summary>
    public static LabReport Parse(IEnumerable<string> lines)
    {
        var results = new Dictionary<string, LabEvent>(StringComparer.Ordinal);
        var other = new List<string>();
        var running = "";
        var finished = false;
        foreach (var line in lines)
        {
            var labEvent = LabEvent.TryParse(line.TrimEnd('\r'));
            if (labEvent is null)
                other.Add(line);
            else if (labEvent.Kind == LabEventKind.Started)
                running = labEvent.Test;
            else if (labEvent.Kind == LabEventKind.Finished)
                finished = true;
            else
                results[labEvent.Test] = labEvent;
            if (labEvent is { IsResult: true } && labEvent.Test == running)
                running = "";
        }

        return new LabReport(results, running, finished, other);
    }
}

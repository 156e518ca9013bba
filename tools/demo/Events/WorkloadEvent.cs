namespace Damon.Demo.Events;

/// <summary>A line of <c>damon-workload -o json</c> that the demonstration uses; docs/workload.md describes all of them.</summary>
internal abstract record WorkloadEvent
{
    /// <summary>Reads a line.</summary>
    /// <returns>Nothing for an event of another kind and for a line that is none.</returns>
    public static WorkloadEvent? Read(string line)
    {
        if (!JsonFields.TryParse(line, out var json) || !json.TryText("event", out var kind))
            return null;

        return kind switch
        {
            "ready" => WorkloadReady.From(json),
            "progress" => WorkloadProgress.From(json),
            _ => null,
        };
    }
}

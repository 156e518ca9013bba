namespace Damon.Demo.Events;

/// <summary>A line of <c>damonctl run -o json</c> that the demonstration uses.</summary>
internal abstract record EngineEvent
{
    /// <summary>Reads a line.</summary>
    /// <returns>Nothing for an event of another kind and for a line that is none.</returns>
    public static EngineEvent? Read(string line)
    {
        if (!JsonFields.TryParse(line, out var json) || !json.TryText("type", out var type))
            return null;

        return type switch
        {
            "start" => EngineStart.From(json),
            "aggregation" => EngineAggregation.From(json),
            "summary" => EngineSummary.From(json),
            _ => null,
        };
    }
}

namespace Damon.Engine.Recordings;

/// <summary>One run that wrote to a recording.</summary>
public sealed record RecordedSegment
{
    /// <summary>When it began, by the wall clock; null where that is not known.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary>How many aggregations one snapshot stands for, from 1 to 65535.</summary>
    public int Every { get; init; } = 1;

    /// <summary>Whether schemes ran beside it that start ages anew where they match, as every action but Stat does.</summary>
    public bool SchemesResetAges { get; init; }
}

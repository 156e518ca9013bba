namespace Damon.Workload.Commands;

/// <summary>How events are written.</summary>
internal enum OutputFormat
{
    /// <summary>Lines to read.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

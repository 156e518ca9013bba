namespace Damon.Cli;

/// <summary>How a command writes its result.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For programs: one JSON document, or one a line where the output goes on.</summary>
    Json,
}

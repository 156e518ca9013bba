namespace Damon.Scale.Reports;

/// <summary>What the report is written as.</summary>
internal enum OutputForm
{
    /// <summary>For people, and for <c>benchmarks/results</c>.</summary>
    Markdown,

    /// <summary>For programs.</summary>
    Json,
}

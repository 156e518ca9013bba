using System.Globalization;

namespace Damon.Api.Manifests;

/// <summary>One thing that is wrong with a manifest, and where.</summary>
/// <param name="File">The file's name, or the command-line option that holds the fault.</param>
/// <param name="Line">From 1; 0 where there are no lines.</param>
/// <param name="Column">In characters from 1; 0 where there are no lines.</param>
/// <param name="FieldPath">The field, as <c>spec.filters[2].type</c>; empty for the file as a whole.</param>
/// <param name="Message">What was found and what is accepted.</param>
public sealed record ManifestError(string File, int Line, int Column, string FieldPath, string Message)
{
    /// <summary>Whether it is wrong or only unknown here.</summary>
    public ManifestErrorKind Kind { get; init; }

    /// <summary>The error as one line: <c>scheme.yaml:12:9: spec.quota.size: …</c>.</summary>
    /// <returns>The line.</returns>
    public override string ToString()
    {
        var place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: ") : $"{File}: ";
        return FieldPath.Length > 0 ? $"{place}{FieldPath}: {Message}" : place + Message;
    }
}

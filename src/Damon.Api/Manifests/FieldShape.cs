namespace Damon.Api.Manifests;

/// <summary>
/// What a decoder accepts for one field. It is not written down anywhere: a decoder that is asked for its shapes is run without a document and notes what it
/// asks for, so that nothing can differ from what it reads.
/// </summary>
/// <param name="Path">The field; <c>[]</c> stands for an item of a list, <c>.*</c> for an entry of a map.</param>
/// <param name="Kind">What it is read as.</param>
internal sealed record FieldShape(string Path, FieldKind Kind)
{
    /// <summary>Whether it must be given.</summary>
    public bool IsRequired { get; init; }

    /// <summary>For numbers the smallest, for lists and maps the fewest entries; for sizes in bytes.</summary>
    public long? Min { get; init; }

    /// <summary>For numbers the largest, for lists and maps the most entries; for sizes in bytes.</summary>
    public long? Max { get; init; }

    /// <summary>For durations and shares: whether zero is taken.</summary>
    public bool IsZeroAllowed { get; init; }

    /// <summary>For a choice: the names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

namespace Damon.Api.Manifests;

/// <summary>
/// Turns nodes into values and keeps every error found on the way, so that a reader of the file sees all of them at once. A value that could not be
/// decoded is null to its caller, exactly as one that is absent; the caller goes on, and looks at <see cref="Errors"/> at the end.
/// </summary>
public sealed class ManifestDecoder
{
    private static readonly ManifestMapping NoFields = new(default, []);

    private readonly ManifestErrorList _errors = new();
    private readonly Dictionary<string, FieldShape>? _shapes;

    /// <summary>A decoder without errors.</summary>
    public ManifestDecoder()
    {
    }

    private ManifestDecoder(Dictionary<string, FieldShape> shapes) => _shapes = shapes;

    /// <summary>What is wrong, in the order of the file; errors of the command line come last. After a hundred the rest is summed up in one.</summary>
    public IReadOnlyList<ManifestError> Errors => _errors.Sorted;

    /// <summary>Whether anything is wrong.</summary>
    public bool HasErrors => _errors.Count > 0;

    /// <summary>Notes an error.</summary>
    /// <param name="at">Where.</param>
    /// <param name="path">The field.</param>
    /// <param name="message">What was found and what is accepted.</param>
    public void Report(ManifestLocation at, string path, string message) => Report(new ManifestError(at.File, at.Line, at.Column, path, message));

    /// <summary>Notes an error.</summary>
    /// <param name="error">The error.</param>
    public void Report(ManifestError error)
    {
        if (!IsRecording)
            _errors.Add(error);
    }

    /// <summary>Starts decoding at a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="path">Its path; empty for a document.</param>
    /// <returns>The value to decode.</returns>
    public ManifestValue Value(ManifestNode node, string path = "") => new(this, node, path);

    /// <summary>Whether the decoder notes what it is asked for instead of reading a document.</summary>
    internal bool IsRecording => _shapes is not null;

    /// <summary>What a decoding asks for, field by field. It is run once over nothing: what it asks only where another field has a certain value is not seen.</summary>
    /// <param name="decode">The decoding.</param>
    /// <returns>The fields by their paths.</returns>
    internal static IReadOnlyList<FieldShape> ShapesOf(Action<ManifestFields, ManifestDecoder> decode)
    {
        var decoder = new ManifestDecoder(new Dictionary<string, FieldShape>(StringComparer.Ordinal));
        decode(new(decoder, NoFields, ""), decoder);
        return [.. decoder._shapes!.Values.OrderBy(shape => shape.Path, StringComparer.Ordinal)];
    }

    /// <summary>A decoder whose errors are kept apart from this one's.</summary>
    internal ManifestDecoder Apart() => IsRecording ? this : new();

    /// <summary>Notes what is asked for; a later note on the same field says more about it.</summary>
    internal void Record(FieldShape shape) =>
        _shapes![shape.Path] = _shapes.TryGetValue(shape.Path, out var known) && known.IsRequired ? shape with { IsRequired = true } : shape;

    /// <summary>A field while shapes are recorded: there is no document, and whatever is read of it is absent.</summary>
    internal ManifestValue Placeholder(string path) => new(this, NoFields, path);

    /// <summary>Whether an error was found at a field, below it, or at what holds it.</summary>
    internal bool HasErrorsAt(string path) => _errors.Exists(e => IsWithin(e.FieldPath, path) || IsWithin(path, e.FieldPath));

    private static bool IsWithin(string path, string parent) =>
        parent.Length > 0 && path.StartsWith(parent, StringComparison.Ordinal) && (path.Length == parent.Length || path[parent.Length] is '.' or '[');
}

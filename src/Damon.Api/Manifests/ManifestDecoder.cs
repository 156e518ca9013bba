namespace Damon.Api.Manifests;

/// <summary>
/// Turns nodes into values and keeps every error found on the way, so that a reader of the file sees all of them at once. A value that could not be
/// decoded is null to its caller, exactly as one that is absent; the caller goes on, and looks at <see cref="Errors"/> at the end.
/// </summary>
public sealed class ManifestDecoder
{
    private readonly ManifestErrorList _errors = new();

    /// <summary>What is wrong, in the order of the file; errors of the command line come last. After a hundred the rest is summed up in one.</summary>
    public IReadOnlyList<ManifestError> Errors => _errors.Sorted;

    /// <summary>Whether anything is wrong.</summary>
    public bool HasErrors => _errors.Count > 0;

    /// <summary>Notes an error.</summary>
    /// <param name="at">Where.</param>
    /// <param name="path">The field.</param>
    /// <param name="message">What was found and what is accepted.</param>
    public void Report(ManifestLocation at, string path, string message) => _errors.Add(new(at.File, at.Line, at.Column, path, message));

    /// <summary>Notes an error.</summary>
    /// <param name="error">The error.</param>
    public void Report(ManifestError error) => _errors.Add(error);

    /// <summary>Starts decoding at a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="path">Its path; empty for a document.</param>
    /// <returns>The value to decode.</returns>
    public ManifestValue Value(ManifestNode node, string path = "") => new(this, node, path);

    /// <summary>Whether an error was found at a field, below it, or at what holds it.</summary>
    internal bool HasErrorsAt(string path) => _errors.Exists(e => IsWithin(e.FieldPath, path) || IsWithin(path, e.FieldPath));

    private static bool IsWithin(string path, string parent) =>
        parent.Length > 0 && path.StartsWith(parent, StringComparison.Ordinal) && (path.Length == parent.Length || path[parent.Length] is '.' or '[');
}
